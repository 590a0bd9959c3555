package dashboard

import "strings"

//go:generate go run ./keytable -o ../../README.md

// Key is a row of the key table.
type Key struct{ Label, Does string }

// Keys lists the keys of the program and what they do.
func Keys() []Key {
	var keys []Key
	for _, b := range keymap() {
		keys = append(keys, Key{b.label, b.does})
	}
	return keys
}

// KeyTable is the key table in Markdown, for the README.
func KeyTable() string {
	var b strings.Builder
	b.WriteString("| key | does |\n|---|---|\n")
	for _, k := range Keys() {
		var keys []string
		for key := range strings.FieldsSeq(k.Label) {
			keys = append(keys, "`"+key+"`")
		}
		b.WriteString("| " + strings.Join(keys, " ") + " | " + k.Does + " |\n")
	}
	return b.String()
}

// KeyTableBegins and KeyTableEnds enclose the table in the README.
const (
	KeyTableBegins = "<!-- keys: made from the key table by go generate ./ui/dashboard; a test compares -->\n"
	KeyTableEnds   = "<!-- end of keys -->"
)
