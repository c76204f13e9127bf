// SPDX-License-Identifier: LGPL-2.1-or-later

// Command cri speaks to a container runtime over the Container Runtime Interface, as kubelet does: a small crictl for tests.
//
//	cri [-endpoint SOCKET] version | conditions | images | pods | containers
//	cri run-pod [-host-network] [-sysctl NAME=VALUE]... NAME          prints the pod's id
//	cri run [-tty] [-stdin] [-memory BYTES] POD IMAGE COMMAND...      creates and starts a container, prints its id
//	cri pod-address POD | state CONTAINER | logs CONTAINER | stats CONTAINER
//	cri exec-sync CONTAINER COMMAND...                                ends with the command's exit status, as exec does
//	cri exec [-tty] [-stdin] [-size COLUMNSxROWS] CONTAINER COMMAND...
//	cri attach [-tty] [-stdin] [-size COLUMNSxROWS] CONTAINER
//	cri stop [-timeout SECONDS] CONTAINER | remove CONTAINER | stop-pod POD | remove-pod POD
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const logFolder = "/var/log/cri"

// client is what every verb gets: the two services of a runtime, and its own options and arguments.
type client struct {
	runtime cri.RuntimeServiceClient
	images  cri.ImageServiceClient
	context context.Context

	hostNetwork, tty, stdin bool
	sysctls                 map[string]string
	memory, timeout         int64
	size                    string
}

type verb struct {
	arguments int // at least so many
	do        func(*client, []string) error
}

var verbs = map[string]verb{
	"version": {0, (*client).version}, "conditions": {0, (*client).conditions}, "images": {0, (*client).listImages},
	"pods": {0, (*client).pods}, "containers": {0, (*client).containers},
	"run-pod": {1, (*client).runPod}, "run": {2, (*client).run},
	"pod-address": {1, (*client).podAddress}, "state": {1, (*client).state}, "logs": {1, (*client).logs},
	"stats": {1, (*client).stats}, "exec-sync": {2, (*client).execSync}, "exec": {2, (*client).exec},
	"attach": {1, (*client).attach}, "stop": {1, (*client).stop}, "remove": {1, (*client).remove},
	"stop-pod": {1, (*client).stopPod}, "remove-pod": {1, (*client).removePod},
}

// exitStatus is a program's own, to be passed on.
type exitStatus int

func (status exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(status)) }

func main() {
	endpoint := flag.String("endpoint", "/run/containerd/containerd.sock", "the runtime's socket")
	limit := flag.Duration("limit", time.Minute, "time limit")
	flag.Parse()
	chosen, known := verbs[flag.Arg(0)]
	if !known {
		fail(fmt.Errorf("no verb is called %q", flag.Arg(0)))
	}
	this := &client{sysctls: map[string]string{}}
	options := flag.NewFlagSet(flag.Arg(0), flag.ExitOnError)
	options.BoolVar(&this.hostNetwork, "host-network", false, "in the node's network namespace")
	options.BoolVar(&this.tty, "tty", false, "with a terminal")
	options.BoolVar(&this.stdin, "stdin", false, "with standard input")
	options.Int64Var(&this.memory, "memory", 0, "limit in bytes")
	options.Int64Var(&this.timeout, "timeout", 10, "seconds before it is killed")
	options.StringVar(&this.size, "size", "", "of the terminal, COLUMNSxROWS")
	options.Func("sysctl", "NAME=VALUE", func(text string) error {
		name, value, found := strings.Cut(text, "=")
		if !found {
			return errors.New("NAME=VALUE is wanted")
		}
		this.sysctls[name] = value
		return nil
	})
	if err := options.Parse(flag.Args()[1:]); err != nil {
		fail(err)
	}
	if options.NArg() < chosen.arguments {
		fail(fmt.Errorf("%s: too few arguments", flag.Arg(0)))
	}
	connection, err := grpc.NewClient("unix://"+*endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fail(err)
	}
	var cancel context.CancelFunc
	this.context, cancel = context.WithTimeout(context.Background(), *limit)
	defer cancel()
	this.runtime = cri.NewRuntimeServiceClient(connection)
	this.images = cri.NewImageServiceClient(connection)
	if err := chosen.do(this, options.Args()); err != nil {
		fail(err)
	}
}

func fail(err error) {
	var status exitStatus
	if errors.As(err, &status) {
		os.Exit(int(status))
	}
	fmt.Fprintln(os.Stderr, "cri:", err)
	os.Exit(125)
}

// --- what there is ------------------------------------------------------------------------------------------------

func (c *client) version([]string) error {
	answer, err := c.runtime.Version(c.context, &cri.VersionRequest{})
	if err == nil {
		fmt.Println(answer.RuntimeName, answer.RuntimeVersion, answer.RuntimeApiVersion)
	}
	return err
}

// conditions prints RuntimeReady and NetworkReady, each true or false with a reason.
func (c *client) conditions([]string) error {
	answer, err := c.runtime.Status(c.context, &cri.StatusRequest{})
	for _, condition := range answer.GetStatus().GetConditions() {
		fmt.Println(condition.Type, condition.Status, condition.Reason, condition.Message)
	}
	return err
}

func (c *client) listImages([]string) error {
	answer, err := c.images.ListImages(c.context, &cri.ListImagesRequest{})
	for _, image := range answer.GetImages() {
		fmt.Println(image.Id, strings.Join(image.RepoTags, " "))
	}
	return err
}

func (c *client) pods([]string) error {
	answer, err := c.runtime.ListPodSandbox(c.context, &cri.ListPodSandboxRequest{})
	for _, pod := range answer.GetItems() {
		fmt.Println(pod.Id, pod.Metadata.Name, pod.State)
	}
	return err
}

func (c *client) containers([]string) error {
	answer, err := c.runtime.ListContainers(c.context, &cri.ListContainersRequest{})
	for _, container := range answer.GetContainers() {
		fmt.Println(container.Id, container.Metadata.Name, container.State)
	}
	return err
}

func (c *client) podAddress(arguments []string) error {
	answer, err := c.runtime.PodSandboxStatus(c.context, &cri.PodSandboxStatusRequest{PodSandboxId: arguments[0]})
	if err == nil {
		fmt.Println(answer.GetStatus().GetNetwork().GetIp())
	}
	return err
}

// state prints CONTAINER_RUNNING or CONTAINER_EXITED, and the exit status
func (c *client) state(arguments []string) error {
	answer, err := c.runtime.ContainerStatus(c.context, &cri.ContainerStatusRequest{ContainerId: arguments[0]})
	if err == nil {
		fmt.Println(answer.Status.State, answer.Status.ExitCode)
	}
	return err
}

func (c *client) logs(arguments []string) error {
	answer, err := c.runtime.ContainerStatus(c.context, &cri.ContainerStatusRequest{ContainerId: arguments[0]})
	if err != nil {
		return err
	}
	text, err := os.ReadFile(answer.Status.LogPath)
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return err
}

func (c *client) stats(arguments []string) error {
	answer, err := c.runtime.ContainerStats(c.context, &cri.ContainerStatsRequest{ContainerId: arguments[0]})
	if err == nil {
		fmt.Printf("cpu-nanoseconds=%d memory-bytes=%d layer-bytes=%d\n",
			answer.GetStats().GetCpu().GetUsageCoreNanoSeconds().GetValue(),
			answer.GetStats().GetMemory().GetWorkingSetBytes().GetValue(),
			answer.GetStats().GetWritableLayer().GetUsedBytes().GetValue())
	}
	return err
}

// --- begin and end ------------------------------------------------------------------------------------------------

// podConfig is what kubelet would send: the parts of it that need no cluster.
func (c *client) podConfig(name string) *cri.PodSandboxConfig {
	namespaces := &cri.NamespaceOption{Pid: cri.NamespaceMode_CONTAINER}
	if c.hostNetwork {
		namespaces.Network = cri.NamespaceMode_NODE
	}
	config := &cri.PodSandboxConfig{
		Metadata:     &cri.PodSandboxMetadata{Name: name, Uid: name + "-uid", Namespace: "default"},
		LogDirectory: filepath.Join(logFolder, name),
		Labels:       map[string]string{"name": name},
		Linux: &cri.LinuxPodSandboxConfig{
			CgroupParent: "/kubepods/" + name,
			Sysctls:      c.sysctls,
			SecurityContext: &cri.LinuxSandboxSecurityContext{
				NamespaceOptions: namespaces,
				Seccomp:          &cri.SecurityProfile{ProfileType: cri.SecurityProfile_RuntimeDefault},
			},
		},
	}
	if !c.hostNetwork {
		config.Hostname = name
	}
	return config
}

func (c *client) runPod(arguments []string) error {
	config := c.podConfig(arguments[0])
	if err := os.MkdirAll(config.LogDirectory, 0o755); err != nil {
		return err
	}
	answer, err := c.runtime.RunPodSandbox(c.context, &cri.RunPodSandboxRequest{Config: config})
	if err == nil {
		fmt.Println(answer.PodSandboxId)
	}
	return err
}

func (c *client) run(arguments []string) error {
	pod, err := c.runtime.PodSandboxStatus(c.context, &cri.PodSandboxStatusRequest{PodSandboxId: arguments[0]})
	if err != nil {
		return err
	}
	namespaces := pod.Status.Linux.Namespaces.Options
	c.hostNetwork = namespaces.Network == cri.NamespaceMode_NODE
	name := fmt.Sprintf("c%d", time.Now().UnixNano())
	config := &cri.ContainerConfig{
		Metadata: &cri.ContainerMetadata{Name: name},
		Image:    &cri.ImageSpec{Image: arguments[1]},
		Command:  arguments[2:],
		LogPath:  name + ".log",
		Tty:      c.tty, Stdin: c.stdin,
		Linux: &cri.LinuxContainerConfig{
			// kubelet sends these for a container without requests or limits
			Resources: &cri.LinuxContainerResources{CpuShares: 2, OomScoreAdj: 1000, MemoryLimitInBytes: c.memory},
			SecurityContext: &cri.LinuxContainerSecurityContext{
				NamespaceOptions: namespaces,
				Seccomp:          &cri.SecurityProfile{ProfileType: cri.SecurityProfile_RuntimeDefault},
				MaskedPaths: []string{"/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
					"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"},
				ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
			},
		},
	}
	created, err := c.runtime.CreateContainer(c.context, &cri.CreateContainerRequest{PodSandboxId: arguments[0],
		Config: config, SandboxConfig: c.podConfig(pod.Status.Metadata.Name)})
	if err != nil {
		return err
	}
	fmt.Println(created.ContainerId)
	_, err = c.runtime.StartContainer(c.context, &cri.StartContainerRequest{ContainerId: created.ContainerId})
	return err
}

func (c *client) stop(arguments []string) error {
	_, err := c.runtime.StopContainer(c.context, &cri.StopContainerRequest{ContainerId: arguments[0], Timeout: c.timeout})
	return err
}

func (c *client) remove(arguments []string) error {
	_, err := c.runtime.RemoveContainer(c.context, &cri.RemoveContainerRequest{ContainerId: arguments[0]})
	return err
}

func (c *client) stopPod(arguments []string) error {
	_, err := c.runtime.StopPodSandbox(c.context, &cri.StopPodSandboxRequest{PodSandboxId: arguments[0]})
	return err
}

func (c *client) removePod(arguments []string) error {
	_, err := c.runtime.RemovePodSandbox(c.context, &cri.RemovePodSandboxRequest{PodSandboxId: arguments[0]})
	return err
}
