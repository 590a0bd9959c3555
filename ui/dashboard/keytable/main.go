// Command keytable writes the program's key table into the README, between its
// marks.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"costping/ui/dashboard"

	"github.com/google/renameio/v2"
)

func main() {
	readme := flag.String("o", "README.md", "file to write into")
	flag.Parse()
	if err := run(*readme); err != nil {
		fmt.Fprintf(os.Stderr, "keytable: %v\n", err)
		os.Exit(1)
	}
}

func run(readme string) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), dashboard.KeyTableBegins)
	_, after, ends := strings.Cut(rest, dashboard.KeyTableEnds)
	if !begins || !ends {
		return fmt.Errorf("%s has no marks for the key table", readme)
	}
	return renameio.WriteFile(readme, []byte(before+dashboard.KeyTableBegins+dashboard.KeyTable()+dashboard.KeyTableEnds+after), 0o644)
}
