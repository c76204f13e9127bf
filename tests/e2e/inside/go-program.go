// SPDX-License-Identifier: LGPL-2.1-or-later

// What Go programs do with /proc/self: their own path, their own descriptors, and starting themselves anew.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"sort"
)

func main() {
	if len(os.Args) > 1 {
		fmt.Println("started anew:", os.Args[1])
		return
	}
	path, err := os.Executable()
	fmt.Println(path, err)
	self, err := os.Readlink("/proc/self")
	fmt.Println(self == fmt.Sprint(os.Getpid()), err)
	entries, err := os.ReadDir("/proc/self/fd")
	names := []string{}
	for _, entry := range entries {
		if entry.Name() < "3" && len(entry.Name()) == 1 {
			names = append(names, entry.Name())
		}
	}
	sort.Strings(names)
	fmt.Println(names, err)
	output, err := exec.Command("/proc/self/exe", "by /proc/self/exe").CombinedOutput()
	fmt.Print(string(output), err, "\n")
	tasks, err := os.ReadDir("/proc/self/task")
	fmt.Println(len(tasks) > 1, err)
	_, err = os.ReadFile("/proc/thread-self/status")
	fmt.Println(err)
}
