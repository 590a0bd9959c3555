// Command costping shows what language models cost and how fast they are, for
// one's own workload, measured from here.
package main

import (
	"os"

	"costping/ui/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
