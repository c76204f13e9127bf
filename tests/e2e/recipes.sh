# SPDX-License-Identifier: LGPL-2.1-or-later
# How each part of the end-to-end tests is made: a function of its own, called with the folder to make; sourced by parts.
# What such a function says, and the functions and files that it names, is what its part's hash stands for.
# shellcheck shell=bash
# SC2317: the recipes are called by a name that is put together; SC2154: parts sets e2e and cache
# shellcheck disable=SC2317,SC2154

all_parts="root-trixie root-bookworm root-stack runsc-2026 runc-1.5.2 containerd-2.4 cni-1.9.1 kubernetes-1.36 kine-0.17 helm-4
	youki-0.7 cri-0.36 glibc-forky"
# not parts that tests use: where programs are built if this machine's own compilers are missing or too old
builders="go-trixie rust-trixie"
export all_parts builders

part_note() {
	case $1 in
	root-trixie) echo "a Debian 13 root folder with runc, crun and gVisor 2024, about 1 minute" ;;
	root-bookworm) echo "a Debian 12 root folder with gVisor 2022, about 1 minute" ;;
	root-stack) echo "a Debian 13 root folder with containerd, podman and Docker, about 2 minutes" ;;
	go-trixie) echo "a Debian 13 root folder with Go, to build Go programs in, about 2 minutes" ;;
	rust-trixie) echo "a Debian 13 root folder with Rust, to build a crate in, about 2 minutes" ;;
	runsc-2026) echo "gVisor of 2026, from source, about 3 minutes" ;;
	runc-1.5.2) echo "runc 1.5.2, from source, about 1 minute" ;;
	containerd-2.4) echo "containerd 2.4.2, from source, about 3 minutes" ;;
	cni-1.9.1) echo "the CNI plugins, from source, under a minute" ;;
	kubernetes-1.36) echo "Kubernetes 1.36.3, from source, about 9 minutes" ;;
	kine-0.17) echo "kine, from source, about 3 minutes" ;;
	helm-4) echo "helm 4, from source, about 2 minutes" ;;
	youki-0.7) echo "youki 0.7, from source, about 3 minutes" ;;
	glibc-forky) echo "Debian 14's C library, dash and coreutils, unpacked, under a minute" ;;
	cri-0.36) echo "a client of the Container Runtime Interface, from source, under a minute" ;;
	esac
}

# --- root folders -------------------------------------------------------------------------------------------------
packages_inside=runc,crun,runsc,busybox-static,strace,proot,iproute2,procps,jq,ca-certificates
packages_stack=runc,crun,containerd,podman,buildah,docker.io,docker-cli,netavark,aardvark-dns,containernetworking-plugins,iptables
packages_stack=$packages_stack,uidmap,busybox-static,strace,iproute2,procps,jq,ca-certificates,openssl,socat,runsc

recipe_root_trixie() {
	make_root trixie "$1" "$packages_inside"
}

recipe_root_bookworm() {
	make_root bookworm "$1" "$packages_inside"
}

recipe_root_stack() {
	make_root trixie "$1" "$packages_stack"
}

recipe_go_trixie() {
	make_root trixie "$1" golang-go,gcc,libc6-dev,libseccomp-dev,pkg-config,ca-certificates
}

recipe_rust_trixie() {
	make_root trixie "$1" cargo,gcc,libc6-dev,libseccomp-dev,pkg-config,ca-certificates
}

recipe_glibc_forky() {
	make_unpacked forky "$1" libc6 dash coreutils
	[ -e "$1/usr/bin/stty" ] && "$1/usr/lib64/ld-linux-x86-64.so.2" --version | awk 'NR == 1 { exit !($NF + 0 >= 2.42) }'
}

# --- programs -----------------------------------------------------------------------------------------------------
recipe_runsc_2026() {
	make_go "$1" gvisor.dev/gvisor v0.0.0-20260905035102-160fafc42237 0 "" "-s -w" gvisor.dev/gvisor/runsc
}

recipe_runc_1_5_2() {
	make_go "$1" github.com/opencontainers/runc v1.5.2 1 "seccomp netgo osusergo" "-s -w -extldflags -static" \
		github.com/opencontainers/runc
}

recipe_containerd_2_4() {
	local module=github.com/containerd/containerd/v2
	make_go "$1" $module v2.4.2 0 "no_btrfs no_devmapper no_zfs" \
		"-s -w -X $module/version.Version=2.4.2 -X $module/version.Package=github.com/containerd/containerd/v2" \
		$module/cmd/containerd $module/cmd/ctr $module/cmd/containerd-shim-runc-v2
}

recipe_cni_1_9_1() {
	local module=github.com/containernetworking/plugins
	make_go "$1" $module v1.9.1 0 "" "-s -w" $module/plugins/main/bridge $module/plugins/main/ptp \
		$module/plugins/main/loopback $module/plugins/ipam/host-local $module/plugins/meta/portmap $module/plugins/meta/firewall
}

recipe_kine_0_17() {
	make_go "$1" github.com/k3s-io/kine v0.17.5 1 "netgo osusergo sqlite_omit_load_extension" "-s -w -extldflags -static" \
		github.com/k3s-io/kine
}

recipe_helm_4() {
	make_go "$1" helm.sh/helm/v4 v4.3.1 0 "" "-s -w" helm.sh/helm/v4/cmd/helm
}

recipe_kubernetes_1_36() {
	make_go_program "$1" "$e2e/programs/kube" "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3
		-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
}

recipe_cri_0_36() {
	make_go_program "$1" "$e2e/programs/cri" "-s -w"
}

recipe_youki_0_7() {
	# what it is without features can neither use control groups nor filter system calls
	make_crate "$1" youki 0.7.0 v1,v2,seccomp
}

# --- how ------------------------------------------------------------------------------------------------------------
# recipe_words NAME: all that decides what the part will be
recipe_words() {
	local recipe words helper file
	recipe=recipe_$(tr -- -. __ <<<"$1")
	words=$(declare -f "$recipe")
	echo "$words"
	for helper in make_root make_unpacked make_go make_go_program make_crate; do
		! grep -qw "$helper" <<<"$words" || declare -f "$helper"
	done
	! grep -qw packages_inside <<<"$words" || echo "$packages_inside"
	! grep -qw packages_stack <<<"$words" || echo "$packages_stack"
	# shellcheck disable=SC2013 # words without blanks
	for file in $(grep -o 'programs/[a-z0-9-]*' <<<"$words"); do cat "$e2e/$file"/*; done
}

# make_root SUITE DIR PACKAGES: /x is where a sandbox's share folder appears
make_root() {
	# in a mount namespace of its own: what debootstrap mounts inside the folder never outlives it
	unshare --mount debootstrap --variant=minbase --include="$3" "$1" "$2" \
		${GVTRACE_DEBIAN_MIRROR:+"$GVTRACE_DEBIAN_MIRROR"}
	mkdir -p "$2/x" "$2/sys/fs/cgroup"
	rm -rf "$2"/var/cache/apt/archives/*.deb "$2"/var/lib/apt/lists/*
}

# make_unpacked SUITE DIR PACKAGE...: packages alone, without what they need; to chroot into. apt with a state of its own
make_unpacked() {
	local suite=$1 dir=$2 work package options
	shift 2
	work=$(work_folder "$dir")
	mkdir -p "$work/lists/partial" "$work/archives/partial"
	: >"$work/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${GVTRACE_DEBIAN_MIRROR:-http://deb.debian.org/debian} $suite main" \
		>"$work/sources.list"
	options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
		-o "Dir::State::status=$work/status" -o "Dir::Cache=$work" -o APT::Sandbox::User=root)
	apt-get "${options[@]}" update
	(cd "$work" && apt-get "${options[@]}" download "$@")
	mkdir -p "$dir/proc" "$dir/dev"
	for package in "$work"/*.deb; do dpkg-deb -x "$package" "$dir"; done
	ln -sfn usr/bin "$dir/bin"
	ln -sfn usr/lib "$dir/lib"
	ln -sfn usr/lib64 "$dir/lib64"
	rm -rf "$work"
}

# make_go DIR MODULE VERSION CGO TAGS LINKER-FLAGS PACKAGE...: programs of one version of a module
make_go() {
	local dir=$1 module=$2 version=$3 cgo=$4 tags=$5 flags=$6 work
	shift 6
	work=$(work_folder "$dir")
	printf 'module fixture\n\ngo 1.26.0\n' >"$work/go.mod"
	{
		printf '//go:build tools\n\npackage fixture\n\nimport (\n'
		printf '\t_ "%s"\n' "$@"
		echo ")"
	} >"$work/tools.go"
	# shellcheck disable=SC2016 # expanded by the inner shell
	build_go "$work" "$cgo" 'set -e
		go get "$1@$2"
		go build -mod=mod -trimpath -tags "$3" -ldflags "$4" -o out/ $5' "$module" "$version" "$tags" "$flags" "$*"
	mv "$work/out" "$dir"
	rm -rf "$work"
}

# make_go_program DIR FOLDER LINKER-FLAGS: a program of our own, in a folder with a go.mod that pins what it is made of
make_go_program() {
	local work
	work=$(work_folder "$1")
	cp "$2"/* "$work/"
	# shellcheck disable=SC2016 # expanded by the inner shell
	build_go "$work" 0 'set -e
		go mod tidy
		go build -trimpath -ldflags "$(echo $1)" -o out/ .' "$3"
	mv "$work/out" "$1"
	rm -rf "$work"
}

# make_crate DIR CRATE VERSION FEATURES
make_crate() {
	local work
	work=$(work_folder "$1")
	# shellcheck disable=SC2016 # expanded by the inner shell
	local script='set -e
		export CARGO_HOME="$PWD/home" CARGO_TARGET_DIR="$PWD/target"
		cargo install --locked --root "$PWD/out" --features "$3" --version "$2" "$1"'
	if [ -z "${GVTRACE_NO_HOST_CARGO:-}" ] && command -v cargo gcc pkg-config >/dev/null; then
		(cd "$work" && sh -c "$script" sh "$2" "$3" "$4")
	else
		in_root "$(builder rust-trixie)" "$work" "$script" "$2" "$3" "$4"
	fi
	mv "$work/out/bin" "$1"
	rm -rf "$work"
}

# work_folder DIR: an empty folder to build in, beside what all Go builds of a run share; removed with it
work_folder() {
	local work
	work=$cache/.build/work-${1##*/.partial-}
	rm -rf "$work"
	mkdir -p "$work"
	echo "$work"
}

# build_go WORK CGO SCRIPT ARGUMENT...: nothing is left in the user's own Go folders, and nothing of them is trusted
build_go() {
	local work=$1 script
	local settings=(GOTOOLCHAIN=auto GOFLAGS=-buildvcs=false GOWORK=off CGO_ENABLED="$2")
	# shellcheck disable=SC2016 # expanded by the inner shell
	script='export GOPATH="${PWD%/*}/path" GOCACHE="${PWD%/*}/cache" GOMODCACHE="${PWD%/*}/mod"; go version; '$3
	shift 3
	if host_go_is_new_enough; then
		(cd "$work" && export "${settings[@]}" && sh -c "$script" sh "$@")
	else
		local root
		root=$(builder go-trixie)
		(export "${settings[@]}" && in_root "$root" "$work" "$script" "$@")
	fi
}

# Go 1.21 and newer fetch the Go that a module asks for by themselves, as a module
host_go_is_new_enough() {
	[ -z "${GVTRACE_NO_HOST_GO:-}" ] || return 1
	command -v go gcc pkg-config >/dev/null || return 1
	local version
	version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
	version=${version#go1.}
	version=${version%%[!0-9]*}
	[ -n "$version" ] && [ "$version" -ge 21 ]
}

# builder NAME: makes a root folder with compilers, prints its path
builder() {
	make_part "$1" >&2
	part_path "$1"
}

# in_root ROOT WORK SCRIPT ARGUMENT...: runs a script in a root folder; the folder that holds WORK appears there as /x
in_root() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount sh -c '
		root=$1 work=$2 script=$3
		shift 3
		mount --bind "${work%/*}" "$root/x" && mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit
		for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
			[ ! -e "$file" ] || mount --bind "$(readlink -f "$file")" "$root$file" || :
		done
		exec chroot "$root" sh -c "cd \"/x/${work##*/}\" && $script" sh "$@"' sh "$@"
}
