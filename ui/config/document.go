package config

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"costping/costmodel/spelling"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// The shape of the file. Amounts and times are text, so that none of them passes
// through a float.
type (
	fileTable struct {
		Probe     probeTable      `toml:"probe"`
		SLO       sloTable        `toml:"slo"`
		Limits    []limitTable    `toml:"limit"`
		Alerts    alertsTable     `toml:"alerts"`
		Targets   []targetTable   `toml:"target"`
		Workloads []workloadTable `toml:"workload"`
		Pipelines []pipelineTable `toml:"pipeline"`
		Checks    []checkTable    `toml:"check"`
	}
	sloTable struct {
		TTFT *string `toml:"ttft"`
		TPOT *string `toml:"tpot"`
		E2E  *string `toml:"e2e"`
	}
	probeTable struct {
		Interval *string `toml:"interval"`
		Budget   *string `toml:"budget"`
		Profile  *string `toml:"profile"`
	}
	targetTable struct {
		Name       string            `toml:"name"`
		Short      string            `toml:"short"`
		Provider   string            `toml:"provider"`
		BaseURL    string            `toml:"base_url"`
		Model      string            `toml:"model"`
		KeyEnv     *string           `toml:"key_env"`
		KeyCommand *string           `toml:"key_command"`
		KeyKeyring *string           `toml:"key_keyring"`
		Headers    map[string]string `toml:"headers"`
		Price      *string           `toml:"price"`
		SelfHost   *string           `toml:"selfhost"`
		Quality    *written          `toml:"quality"`
		Interval   *string           `toml:"interval"`
		Pin        bool              `toml:"pin"`
		Route      []string          `toml:"route"`
		Extra      map[string]any    `toml:"extra"`
		Tags       []string          `toml:"tags"`
	}
)

// written is a number as it stands in the file, or a text, so that no figure
// passes through a float.
type written string

// UnmarshalText takes the text over, without the underscores that numbers may have;
// the decoder gives the text of numbers, too.
func (w *written) UnmarshalText(text []byte) error {
	*w = written(strings.ReplaceAll(string(text), "_", ""))
	return nil
}

// keysOf are the keys of each table, in the order in which an error lists them;
// nil for a table that may hold any.
var keysOf = map[string][]string{
	"":      {"probe", "slo", "target", "workload", "pipeline", "limit", "alerts", "check"},
	"slo":   {"ttft", "tpot", "e2e"},
	"probe": {"interval", "budget", "profile"},
	"target": {
		"name", "short", "provider", "base_url", "model", "key_env", "key_command", "key_keyring", "headers",
		"price", "selfhost", "quality", "interval", "pin", "route", "extra", "tags",
	},
	"limit": {
		"target", "for", "ttft_p50", "ttft_p95", "tpot_p50", "e2e_p95", "min_throughput", "max_error_rate", "max_malformed",
		"max_tool_errors", "min_quality", "max_daily", "max_monthly",
	},
	"alerts": {"bell", "title", "on_alert"},
	"check":  {"kind", "targets", "every", "n", "lengths", "cases"},
	"workload": {
		"name", "items", "in", "out", "volume", "split", "users", "tokens_per_user", "cached", "batch", "retries",
		"days", "profile",
	},
	"pipeline":       {"name", "volume", "stage"},
	"pipeline.stage": {"name", "model", "share", "in", "out"},
	"target.headers": nil,
	"target.extra":   nil,
}

// forms are what the value of a key looks like.
var forms = map[string]string{
	"interval": `a time in quotes, such as "60s", "5m" or "1h"`,
	"budget":   `US dollars a day in quotes, such as "1.00/day"`,
	"price":    `US dollars for 1M input and 1M output tokens in quotes, such as "0.15/0.60"`,
	"selfhost": `what the machine costs in US dollars, in quotes, such as "150/month"`,
	"quality":  `a share from 0 to 1, such as 0.91`,
	"pin":      `true or false`,
	"route":    `a list of providers in quotes, such as ["deepinfra"]`,
	"workload": `tables, each headed [[workload]]`,
	"pipeline": `tables, each headed [[pipeline]]`,
	"stage":    `tables, each headed [[pipeline.stage]]`,
	"tags":     `a list of words in quotes, such as ["chat"]`,
	"headers":  `a table of names and texts, such as {X-Title = "costping"}`,
	"extra":    `a table of fields, such as {service_tier = "flex"}`,
	"ttft":     `a time in quotes, such as "1s"`,
	"tpot":     `a time in quotes, such as "30ms"`,
	"e2e":      `a time in quotes, such as "5s"`,
	"slo":      `a table, headed [slo]`,
	"target":   `tables, each headed [[target]]`,
	"probe":    `a table, headed [probe]`,
	"limit":    `tables, each headed [[limit]]`,
	"alerts":   `a table, headed [alerts]`,
	"for":      `a time in quotes, such as "15m"`,
	"ttft_p50": `a time in quotes, such as "500ms"`,
	"ttft_p95": `a time in quotes, such as "800ms"`,
	"tpot_p50": `a time in quotes, such as "30ms"`,
	"e2e_p95":  `a time in quotes, such as "5s"`,
	"bell":     `true or false`,
	"title":    `true or false`,
	"on_alert": `a command and its arguments in quotes, such as ["notify-send", "costping"]`,

	"check":   `tables, each headed [[check]]`,
	"kind":    `"schema", "tools", "context" or "embedding"`,
	"targets": `a list of names or patterns in quotes, such as ["gpt-*"]`,
	"every":   `a time in quotes, such as "24h"`,
	"n":       `a whole number from 1 to 2000`,
	"lengths": `rising numbers of tokens from 100 to 1500000, such as [1000, 4000]`,
	"cases":   `a file in quotes, such as "cases.jsonl"`,

	"min_throughput":  `output tokens a second in quotes, such as "50"`,
	"max_error_rate":  `a share in quotes, such as "1%"`,
	"max_malformed":   `a share in quotes, such as "1%"`,
	"max_tool_errors": `a share in quotes, such as "1%"`,
	"min_quality":     `a share in quotes, such as "0.85"`,
	"max_daily":       `US dollars in quotes, such as "20.00"`,
	"max_monthly":     `US dollars in quotes, such as "500.00"`,
}

// document is a file with what is known about its places.
type document struct {
	data     []byte
	folder   string         // that of the file, which names in it are relative to
	at       map[string]int // where a key stands, by its path: "target.0.price"
	arrays   map[string]int // how many tables an array has so far
	unknown  bool           // some keys are
	problems []Problem
}

// scan walks the file, notes where every known key stands and reports those that
// are not known, and all that looks like a secret.
func scan(data []byte) *document {
	// The decoder and the parser tell places by the capacity of slices.
	d := &document{data: bytes.Clone(data), at: map[string]int{}, arrays: map[string]int{}}
	d.data = d.data[:len(d.data):len(d.data)]
	var p unstable.Parser
	p.Reset(d.data)
	var shape, path string // of the table that key-values belong to
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			shape, path = d.header(e)
		case unstable.KeyValue:
			d.keyValue(shape, path, e)
		}
	}
	return d // what does not parse is reported by the decoder
}

// header is the shape ("target") and the path ("target.0") of a table.
func (d *document) header(e *unstable.Node) (shape, path string) {
	var at int
	shape, path, at = d.key("", "", e.Key())
	if e.Kind == unstable.ArrayTable {
		d.arrays[path]++
	}
	if n := d.arrays[path]; n > 0 {
		path = join(path, strconv.Itoa(n-1))
		d.at[path] = at
	}
	return shape, path
}

// maxPath bounds the path of a key, in bytes: each is kept for every part of it.
const maxPath = 1 << 10

// anything is the shape of what may hold any key.
const anything = "*"

// key follows the parts of a key from a table and returns where they lead.
func (d *document) key(shape, path string, parts unstable.Iterator) (string, string, int) {
	at := 0
	first := true
	for parts.Next() {
		node := parts.Node()
		name, from := string(node.Data), int(node.Raw.Offset)
		if first {
			at, first = from, false
		}
		if len(path) > maxPath {
			d.report(at, "a key of too many parts")
			return anything, path, at
		}
		if n := d.arrays[path]; n > 0 { // [target.headers] belongs to the last [[target]]
			path = join(path, strconv.Itoa(n-1))
		}
		if looksLikeKey(name) {
			d.report(from, "this looks like an API key itself: the file says where a key is, with key_env, key_command or key_keyring")
			shape, d.unknown = anything, true
		}
		keys, table := keysOf[shape]
		path = join(path, name)
		d.at[path] = from
		switch {
		case shape == anything:
		case table && keys == nil, !table:
			shape = anything
		case !slices.Contains(keys, name):
			d.report(from, "%s", unknownKey(name, shape, keys))
			shape, d.unknown = anything, true
		default:
			shape = join(shape, name)
		}
	}
	return shape, path, at
}

// secretNames are what a key for the key itself would be called, written together.
var secretNames = []string{"key", "apikey", "token", "apitoken", "accesstoken", "secret", "secretkey", "password", "bearer", "authorization"}

// unknownKey says what is wrong with a key that a table does not have.
func unknownKey(name, shape string, keys []string) string {
	plain := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	if slices.Contains(secretNames, plain) {
		return fmt.Sprintf("unknown key %q: keys do not belong in this file: name the variable with key_env", name)
	}
	where := "at the top"
	if shape != "" {
		where = "in [" + shape + "]"
	}
	if near := spelling.Nearest(name, keys, 1); len(near) > 0 {
		return fmt.Sprintf("unknown key %q %s: did you mean %s?", name, where, near[0])
	}
	return fmt.Sprintf("unknown key %q %s: it may be %s", name, where, enumerate(keys))
}

func (d *document) keyValue(shape, path string, e *unstable.Node) {
	shape, path, _ = d.key(shape, path, e.Key())
	d.value(shape, path, e.Value())
}

func (d *document) value(shape, path string, v *unstable.Node) {
	if len(path) > maxPath {
		d.report(int(v.Raw.Offset), "tables inside tables, too many of them")
		return
	}
	switch v.Kind {
	case unstable.InlineTable:
		for children := v.Children(); children.Next(); {
			d.keyValue(shape, path, children.Node())
		}
	case unstable.Array:
		for i, children := 0, v.Children(); children.Next(); i++ {
			d.value(shape, join(path, strconv.Itoa(i)), children.Node())
		}
	case unstable.String:
		if looksLikeKey(string(v.Data)) {
			d.report(int(v.Raw.Offset), "this looks like an API key itself: write where the key is, such as key_env = \"OPENAI_API_KEY\", or ${OPENAI_API_KEY} in a header")
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// keyPattern is what the keys of providers begin with. Those that a name may begin
// with too, such as xai-grok-3, have to go on as no name does: with sixteen
// characters of one run, and a digit and a capital among them.
var (
	keyPattern  = regexp.MustCompile(`(^|[^A-Za-z0-9])((sk|pk|rk|gsk|r8)[-_][A-Za-z0-9_-]{6,}|AIza[A-Za-z0-9_-]{20,}|tgp_v1_[A-Za-z0-9_-]{6,})`)
	nameOrKey   = regexp.MustCompile(`(^|[^A-Za-z0-9])(xai|fw|hf)[-_]([A-Za-z0-9]{16,})`)
	digitInKey  = regexp.MustCompile(`[0-9]`)
	capitalInIt = regexp.MustCompile(`[A-Z]`)
)

func looksLikeKey(text string) bool {
	if keyPattern.MatchString(text) {
		return true
	}
	m := nameOrKey.FindStringSubmatch(text)
	return len(m) == 4 && digitInKey.MatchString(m[3]) && capitalInIt.MatchString(m[3])
}

// decode reads the file into its shape; false where that is not possible.
func (d *document) decode() (fileTable, bool) {
	var raw fileTable
	decoder := toml.NewDecoder(bytes.NewReader(d.data))
	if !d.unknown { // else they have been reported, and the rest can still be read
		decoder.DisallowUnknownFields()
	}
	err := decoder.Decode(&raw)
	if err == nil {
		return raw, true
	}
	var missing *toml.StrictMissingError
	var wrong *toml.DecodeError
	if errors.As(err, &missing) && len(missing.Errors) > 0 {
		wrong = &missing.Errors[0]
	} else if !errors.As(err, &wrong) {
		d.report(0, "%s", strings.TrimPrefix(err.Error(), "toml: "))
		return raw, false
	}
	line, column := wrong.Position()
	offset := 0
	for range line - 1 {
		offset += bytes.IndexByte(d.data[offset:], '\n') + 1
	}
	offset = min(offset+max(0, column-1), len(d.data))
	what := strings.TrimPrefix(wrong.Error(), "toml: ")
	if key := wrong.Key(); len(key) > 0 && (strings.Contains(what, "cannot decode") || strings.Contains(what, "type mismatch") || strings.Contains(what, "cannot store")) {
		name := key[len(key)-1]
		form, ok := forms[name]
		if !ok {
			form = "a text in quotes"
		}
		what = name + " is " + form
	}
	d.report(offset, "%s", what)
	return raw, false
}
