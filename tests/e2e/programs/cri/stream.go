// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// oneSize is a terminal that never changes its size.
type oneSize struct{ size *remotecommand.TerminalSize }

func (one *oneSize) Next() *remotecommand.TerminalSize {
	size := one.size
	one.size = nil
	return size
}

func (c *client) execSync(arguments []string) error {
	answer, err := c.runtime.ExecSync(c.context, &cri.ExecSyncRequest{ContainerId: arguments[0], Cmd: arguments[1:]})
	if err != nil {
		return err
	}
	os.Stdout.Write(answer.Stdout)
	os.Stderr.Write(answer.Stderr)
	if answer.ExitCode != 0 {
		return exitStatus(answer.ExitCode)
	}
	return nil
}

func (c *client) exec(arguments []string) error {
	answer, err := c.runtime.Exec(c.context, &cri.ExecRequest{ContainerId: arguments[0], Cmd: arguments[1:],
		Tty: c.tty, Stdin: c.stdin, Stdout: true, Stderr: !c.tty})
	if err != nil {
		return err
	}
	return c.stream(answer.Url)
}

func (c *client) attach(arguments []string) error {
	answer, err := c.runtime.Attach(c.context, &cri.AttachRequest{ContainerId: arguments[0],
		Tty: c.tty, Stdin: c.stdin, Stdout: true, Stderr: !c.tty})
	if err != nil {
		return err
	}
	return c.stream(answer.Url)
}

// stream carries a program's standard streams, as kubectl does, from the address that the runtime has given.
func (c *client) stream(address string) error {
	target, err := url.Parse(address)
	if err != nil {
		return err
	}
	executor, err := remotecommand.NewSPDYExecutor(&rest.Config{}, "POST", target)
	if err != nil {
		return err
	}
	options := remotecommand.StreamOptions{Stdout: os.Stdout, Tty: c.tty}
	if c.stdin {
		options.Stdin = os.Stdin
	}
	if !c.tty {
		options.Stderr = os.Stderr
	}
	if c.size != "" {
		var size remotecommand.TerminalSize
		if _, err := fmt.Sscanf(c.size, "%dx%d", &size.Width, &size.Height); err != nil {
			return fmt.Errorf("-size %s: %w", c.size, err)
		}
		options.TerminalSizeQueue = &oneSize{&size}
	}
	err = executor.StreamWithContext(c.context, options)
	var status exec.CodeExitError
	if errors.As(err, &status) {
		return exitStatus(status.Code)
	}
	return err
}
