package config

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"costping/costmodel"
	"costping/probe"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const whole = `# all there is
[probe]
interval = "90s"
budget   = "2.50/day"
profile  = "brief"

[[target]]
name     = "mini"
short    = "4o-mini"
provider = "openai"
base_url = "https://api.openai.com/v1/"
model    = "gpt-4o-mini"
key_env  = "OPENAI_API_KEY"
price    = "0.15/0.60"
interval = "5m"
tags     = ["chat", "cheap"]

[[target]]
name        = "llama"
base_url    = "https://openrouter.ai/api/v1"
model       = "meta-llama/llama-3.1-70b-instruct"
key_command = "pass show openrouter"
headers     = {X-Title = "costping", Authorization = "Bearer ${ROUTER_KEY}"}
route       = ["deepinfra", "together"]
pin         = true
quality     = 0.91
extra       = {service_tier = "flex", top_k = 4}

[[target]]
name        = "own"
base_url    = "http://127.0.0.1:11434/v1"
model       = "llama3.2:3b"
key_keyring = "costping/me"
selfhost    = "150/month"

[[workload]]
name    = "documents"
items   = "4000 documents/day"
in      = 1875
out     = "625"
cached  = "30%"
batch   = "100%"
retries = "2%"
days    = 30.4
profile = "long-prompt"

[[workload]]
name   = "tokens"
volume = "10M/day"
split  = "75/25"
days   = "calendar"

[[workload]]
name            = "people"
users           = 1_000
tokens_per_user = "2k"
split           = "75/25"

[[pipeline]]
name   = "two steps"
volume = "500 calls/day"

[[pipeline.stage]]
name  = "read"
model = "gpt-4o-mini"
in    = 4000
out   = 200

[[pipeline.stage]]
name  = "judge"
model = "llama"
share = 0.05
in    = "4k"
out   = 500
`

// Everything that the file may say arrives where it belongs.
func TestRead(t *testing.T) {
	t.Parallel()
	c, err := Read(strings.NewReader(whole), "config.toml")
	if err != nil {
		t.Fatal(err)
	}
	if c.Interval != 90*time.Second || c.Budget.String() != "2.5" || c.Profile != "brief" || c.Path != "config.toml" || len(c.Targets) != 3 {
		t.Errorf("%+v", c)
	}
	mini, _ := c.Named("mini")
	want := probe.Target{
		Name: "mini", Provider: "openai", BaseURL: "https://api.openai.com/v1", Model: "gpt-4o-mini",
		KeyEnv: "OPENAI_API_KEY", Interval: 5 * time.Minute,
	}
	if !reflect.DeepEqual(mini.Target, want) || mini.Short != "4o-mini" || !reflect.DeepEqual(mini.Tags, []string{"chat", "cheap"}) {
		t.Errorf("got %+v, want %+v", mini, want)
	}
	if mini.Price.Input.String() != "0.15" || mini.Price.Output.String() != "0.60" || mini.Price.Source != "config.toml" {
		t.Errorf("price %+v", mini.Price)
	}
	llama := c.Targets[1]
	if llama.KeyCommand != "pass show openrouter" || llama.Price.Known() ||
		!reflect.DeepEqual(llama.Headers, []string{"Authorization: Bearer ${ROUTER_KEY}", "X-Title: costping"}) {
		t.Errorf("%+v", llama)
	}
	for field, want := range map[string]string{
		"provider": `{"allow_fallbacks":false,"order":["deepinfra","together"]}`, "service_tier": `"flex"`, "top_k": `4`,
	} {
		if got := string(llama.Extra[field]); got != want {
			t.Errorf("extra %s is %s, want %s", field, got, want)
		}
	}
	if !llama.Pinned || llama.Quality != costmodel.Exactly(0.91, costmodel.Stated) || llama.SelfHost != nil || mini.Pinned || mini.Quality.Known() {
		t.Errorf("%+v", llama)
	}
	if own := c.Targets[2]; own.SelfHost == nil || own.SelfHost.String() != "$150.00/month" || own.KeyKeyring != "costping/me" || own.Extra != nil || own.Headers != nil || own.Interval != 0 {
		t.Errorf("%+v", own)
	}
}

// Each form of a workload, and what a pipeline goes through.
func TestReadWorkloads(t *testing.T) {
	t.Parallel()
	c, err := Read(strings.NewReader(whole), "config.toml")
	if err != nil {
		t.Fatal(err)
	}
	february, _ := costmodel.ParseDate("2027-02-03")
	for i, want := range []string{
		"documents long-prompt 4.00K documents/day × (1,875 in + 625 out), 30% cached in, 100% batch, 2% retries, 30.4 days",
		"tokens  10.0M tokens/day, 75% in 25% out, 28 days",
		"people  1.00K users/day × 2,000 tokens, 75% in 25% out, 30 days",
	} {
		w := c.Workloads[i]
		on := w.On(february)
		if got := w.Name + " " + w.Profile + " " + on.String() + ", " + on.DaysPerMonth.String() + " days"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if found, ok := c.WorkloadNamed(w.Name); !ok || !found.On(february).Equal(on) {
			t.Errorf("%s is not found by its name", w.Name)
		}
	}
	p := c.Pipelines[0]
	if p.Name != "two steps" || p.Volume.String() != "500 calls/day" || len(p.Stages) != 2 || p.Stages[0].Share != nil ||
		p.Stages[1].Share.RatString() != "1/20" || p.Stages[1].Shape != (costmodel.Shape{In: 4000, Out: 500}) || p.Stages[1].Model != "llama" {
		t.Errorf("%+v", p)
	}
}

const (
	work     = "[[workload]]\nname = \"w\"\nvolume = \"1/day\"\nsplit = \"75/25\"\n"
	pipeline = "[[pipeline]]\nname = \"p\"\nvolume = \"1 call/day\"\n[[pipeline.stage]]\nname = \"s\"\nmodel = \"m\"\nin = 1\nout = 1\n"
)

const target = "[[target]]\nname = \"a\"\nbase_url = \"http://127.0.0.1/v1\"\nmodel = \"m\"\n"

// What is wrong is said with its place and what it should be.
func TestProblems(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file string
		want []string // a line of the error each, as patterns
	}{
		"unknown key":        {"[probe]\nintervall = \"1s\"\n", []string{`^f:2:1: unknown key "intervall" in \[probe\]: did you mean interval\?$`}},
		"nothing like it":    {"[probe]\nzebra = \"1s\"\n", []string{`^f:2:1: unknown key "zebra" in \[probe\]: it may be interval, budget or profile$`}},
		"like a target's":    {target + "base-url = \"x\"\n", []string{`^f:5:1: unknown key "base-url" in \[target\]: did you mean base_url\?$`}},
		"api_key":            {target + "api_key = \"x\"\n", []string{`^f:5:1: unknown key "api_key": keys do not belong in this file: name the variable with key_env$`}},
		"key":                {target + "key = \"x\"\n", []string{`keys do not belong in this file`}},
		"API-Token":          {target + "API-Token = \"x\"\n", []string{`keys do not belong in this file`}},
		"a token in [probe]": {"[probe]\ntoken = \"x\"\n", []string{`keys do not belong in this file`}},
		"a provider's name":  {"[[target]]\nname = \"a\"\nmodel = \"m\"\nprovider = \"opnai\"\n", []string{`^f:4:1: target a has no base_url, and there is no provider "opnai": did you mean openai\?$`}},
		"no such provider":   {"[[target]]\nname = \"a\"\nmodel = \"m\"\nprovider = \"zebra\"\n", []string{`there is no provider "zebra": known are openai, anthropic, `}},
		"unknown table":      {"[zebra]\nttft = \"1s\"\n", []string{`^f:1:2: unknown key "zebra" at the top: it may be probe, slo, target, workload, pipeline, limit, alerts or check$`}},
		"an SLO of none":     {"[slo]\nttft = \"0s\"\n", []string{`^f:2:1: ttft "0s" is no time above 0`}},
		"an SLO in words":    {"[slo]\ntpot = \"fast\"\n", []string{`^f:2:1: tpot "fast" is no time above 0: write a time in quotes, such as "30ms"`}},
		"another case":       {"[probe]\nInterval = \"1m\"\n", []string{`^f:2:1: unknown key "Interval"`}},
		"unknown and wrong":  {"colour = 1\n[probe]\nbudget = \"1\"\n", []string{`^f:1:1: unknown key "colour"`, `^f:3:1: budget "1" is not US dollars a day`}},
		"in a target":        {target + "colour = 0.91\n", []string{`^f:5:1: unknown key "colour" in \[target\]: it may be name, `}},
		"in an inline one":   {"target = [{name = \"a\", nam = \"b\"}]\n", []string{`^f:1:12: target a: no model|^f:1:1: `, `^f:1:24: unknown key "nam"`}},
		"bad unit":           {"[probe]\ninterval = \"60\"\n", []string{`^f:2:1: interval "60" is no time: write a time in quotes, such as "60s"`}},
		"too often":          {"[probe]\ninterval = \"5ms\"\n", []string{`between 1s and 24h`}},
		"not quoted":         {"[probe]\ninterval = 60\n", []string{`^f:2:\d+: interval is a time in quotes, such as "60s"`}},
		"budget per month":   {"[probe]\nbudget = \"30/month\"\n", []string{`^f:2:1: budget "30/month" is not US dollars a day, such as 1.00/day$`}},
		"negative budget":    {"[probe]\nbudget = \"-1/day\"\n", []string{`budget "-1/day"`}},
		"half a price":       {target + "price = \"0.15\"\n", []string{`^f:5:1: price "0.15" is not US dollars for 1M input and 1M output tokens, such as 0.15/0.60$`}},
		"negative price":     {target + "price = \"-0.15/1\"\n", []string{`^f:5:1: price`}},
		"a float price":      {target + "price = 0.15\n", []string{`^f:5:\d+: price is US dollars`}},
		"two keys":           {target + "key_env = \"A\"\nkey_command = \"b\"\n", []string{`^f:6:1: key_env and key_command both say where the key is`}},
		"same name":          {target + "\n" + target, []string{`^f:7:1: the name "a" is taken by target 1`}},
		"no name":            {"[[target]]\nmodel = \"m\"\nbase_url = \"http://127.0.0.1/v1\"\n", []string{`^f:1:3: a target needs a name`}},
		"no model":           {"[[target]]\nname = \"a\"\nbase_url = \"http://127.0.0.1/v1\"\n", []string{`^f:1:3: target a: no model`}},
		"no place":           {"[[target]]\nname = \"a\"\nmodel = \"m\"\n", []string{`^f:1:3: target a has no base_url`}},
		"a bad place":        {strings.Replace(target, "http", "ftp", 1), []string{`^f:3:1: base URL .* http or https`}},
		"a glob":             {strings.Replace(target, "\"a\"", "\"a*\"", 1), []string{`^f:2:1: a name has none of`}},
		"route and provider": {target + "route = [\"x\"]\nextra = {provider = {}}\n", []string{`^f:5:1: route and extra.provider both`}},
		"an empty route":     {target + "route = []\n", []string{`^f:5:1: route is a list`}},
		"a pinned list":      {target + "pin = [\"x\"]\n", []string{`^f:5:\d+: pin is true or false`}},
		"a good quality":     {target + "quality = 91\n", []string{`^f:5:1: quality "91" is not a share from 0 to 1, such as 0.91`}},
		"a worded quality":   {target + "quality = true\n", []string{`^f:5:1: quality "true" is not a share`}},
		"a hidden quality":   {target + "quality = nan\n", []string{`^f:5:1: quality "nan" is not a share`}},
		"a machine":          {target + "selfhost = \"150\"\n", []string{`^f:5:1: selfhost "150" is not what the machine costs in US dollars, in quotes, such as "150/month"`}},
		"a machine's number": {target + "selfhost = 150\n", []string{`^f:5:\d+: selfhost is what the machine costs`}},
		"two costs":          {target + "price = \"1/1\"\nselfhost = \"1/day\"\n", []string{`^f:6:1: price and selfhost both say what the target costs`}},
		"no such workload":   {"[[workload]]\nname = \"a\"\nvolum = \"1/day\"\n", []string{`^f:1:3: a workload needs how much it is`, `^f:3:1: unknown key "volum" in \[workload\]: did you mean volume\?`}},
		"a nameless one":     {"[[workload]]\nvolume = \"1/day\"\nsplit = \"1/99\"\n", []string{`^f:1:3: a workload needs a name`}},
		"named twice":        {work + work, []string{`^f:6:1: the name "w" is taken by workload 1`}},
		"two volumes":        {work + "items = \"1 call/day\"\n", []string{`^f:3:1: items and volume both say how much it is`}},
		"no split":           {"[[workload]]\nname = \"w\"\nvolume = \"1/day\"\n", []string{`^f:3:1: volume needs split`}},
		"too much":           {work + "in = 5\n", []string{`^f:5:1: in does not go with volume, which takes split`}},
		"a bad split":        {strings.Replace(work, "75/25", "75/30", 1), []string{`^f:4:1: split "75/30" sums to 105, not to 100: give the input`}},
		"items of tokens":    {"[[workload]]\nname = \"w\"\nitems = \"5/day\"\nin = 1\nout = 1\n", []string{`^f:3:1: items counts messages`}},
		"volume of items":    {strings.Replace(work, "1/day", "1 call/day", 1), []string{`^f:3:1: volume counts tokens: for calls write items`}},
		"an item of nothing": {"[[workload]]\nname = \"w\"\nitems = \"5 calls/day\"\nin = 0\nout = 0\n", []string{`^f:4:1: an item of "0" tokens in`}},
		"a share as number":  {work + "cached = 0.3\n", []string{`^f:5:1: cached "0.3" is not a share in percent, such as "30%"`}},
		"a large share":      {work + "batch = \"101%\"\n", []string{`^f:5:1: batch "101%" is not a share`}},
		"no days":            {work + "days = 0\n", []string{`^f:5:1: `}},
		"overflow":           {strings.Replace(work, "1/day", "1e400/day", 1), []string{`^f:3:1: volume "1e400/day"`}},
		"a workload's shape": {work + "profile = \"\"\n", []string{`^f:5:1: profile is the name`}},
		"no stages":          {"[[pipeline]]\nname = \"p\"\nvolume = \"1 call/day\"\n", []string{`^f:1:3: a pipeline needs stages`}},
		"a stage's model":    {pipeline + "[[pipeline.stage]]\nname = \"s\"\nin = 1\nout = 1\n", []string{`^f:9:3: a stage needs a model`}},
		"a stage's share":    {pipeline + "share = 2\n", []string{`^f:9:1: share "2" is not the part`}},
		"a stage's tokens":   {strings.Replace(pipeline, "in = 1", "in = 1.5", 1), []string{`^f:7:1: in "1.5" is not a whole number`}},
		"a stage's word":     {pipeline + "modle = \"m\"\n", []string{`^f:9:1: unknown key "modle" in \[pipeline.stage\]: did you mean model\?`}},
		"a volume of tokens": {strings.Replace(pipeline, "1 call/day", "1/day", 1), []string{`^f:3:1: the volume of a pipeline counts`}},
		"extra not a number": {target + "extra = {x = nan}\n", []string{`^f:5:1: extra.x cannot be written as JSON`}},
		"a header's name":    {target + "headers = {\"a b\" = \"c\"}\n", []string{`^f:5:12: "a b" is no name of a header`}},
		"a header's lines":   {target + "[target.headers]\nX = \"a\\nb\"\n", []string{`^f:6:1: the value of header X has more than one line`}},
		"a written secret":   {target + "headers = {authorization = \"Bearer abc\"}\n", []string{`^f:5:12: the value of header authorization is a secret`}},
		"keyring":            {target + "key_keyring = \"costping\"\n", []string{`^f:5:1: key_keyring is an entry`}},
		"profile":            {"[probe]\nprofile = \"\"\n", []string{`^f:2:1: profile is the name`}},
		"no TOML":            {"[probe\n", []string{`^f:1:\d+: `}},
		"a key twice":        {"[probe]\nprofile = \"chat\"\nprofile = \"brief\"\n", []string{`^f:3:1: .*profile`}},
		"control characters": {"\"\\u001b[31m\" = 1\n", []string{`^f:1:1: unknown key "\\x1b`}},
		"several":            {"[probe]\ninterval = \"x\"\nbudget = \"y\"\n" + target + "price = \"z\"\n", []string{`^f:2:1:`, `^f:3:1:`, `^f:8:1:`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(tc.file), "f")
			var wrong *Error
			if !errors.As(err, &wrong) {
				t.Fatalf("it was taken: %v", err)
			}
			if len(wrong.Problems) != len(tc.want) {
				t.Errorf("%d problems, want %d", len(wrong.Problems), len(tc.want))
			}
			for i := range wrong.Problems {
				if i < len(tc.want) && !regexp.MustCompile(tc.want[i]).MatchString(wrong.Line(i)) {
					t.Errorf("got %s, want %s", wrong.Line(i), tc.want[i])
				}
			}
		})
	}
}

// A key that was written into the file, wherever, is refused and not repeated.
func TestKeysAreRefused(t *testing.T) {
	t.Parallel()
	const secret = "sk-proj-0123456789abcdef"
	for _, file := range []string{
		target + "key_env = \"" + secret + "\"\n",
		target + "key_command = \"echo " + secret + "\"\n",
		target + "key_keyring = \"a/" + secret + "\"\n",
		target + "headers = {api-key = \"" + secret + "\"}\n",
		target + "[target.extra]\nuser = [{x = \"" + secret + "\"}]\n",
		target + secret + " = 1\n",
		target + "tags = [\"" + secret + "\"]\n",
		target + "key_env = \"OPENAI KEY " + secret + "\n",
		target + "key_env = " + secret + "\n",
		secret + "\n",
		"[" + secret + "]\n",
		"[[target]]\nname = \"" + secret + "\"\nmodel = \"m\"\n",
	} {
		_, err := Read(strings.NewReader(file), "f")
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("it was taken:\n%s", file)
			continue
		}
		for i := range wrong.Problems {
			if strings.Contains(wrong.Line(i), "0123") {
				t.Errorf("the key is repeated: %s", wrong.Line(i))
			}
		}
	}
	for _, ordinary := range []string{"task-list-0123456", "gpt-4o-mini", "OPENAI_API_KEY", "risk-adjusted", "pass show sk"} {
		if looksLikeKey(ordinary) {
			t.Errorf("%q is taken for a key", ordinary)
		}
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "c.toml")
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(path); err != nil || len(c.Targets) != 3 || c.Path != path {
		t.Errorf("%v %+v", err, c)
	}
	if _, err := Load(filepath.Join(dir, "none.toml")); err == nil || !strings.Contains(err.Error(), "there is no configuration file") {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a folder was read")
	}
	big := filepath.Join(dir, "big.toml")
	if err := os.WriteFile(big, bytes.Repeat([]byte("#\n"), maxFile), 0o600); err != nil {
		t.Fatal(err)
	}
	var wrong *Error
	if _, err := Load(big); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("a large file: %v", err)
	}
}

// Prices and budgets are what was written, exactly, and never negative.
func TestAmounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) string {
			return rapid.StringMatching(`(0|[1-9][0-9]{0,5})(\.[0-9]{1,9})?`).Draw(t, label)
		}
		in, out := text("in"), text("out")
		price, err := ParsePrice(in+" / "+out, "me")
		if err != nil {
			t.Fatal(err)
		}
		for text, rate := range map[string]costmodel.Rate{in: price.Input, out: price.Output} {
			want, _ := costmodel.ParseUSD(text)
			if got, ok := rate.USD(); in != out && (!ok || got.Cmp(want) != 0) {
				t.Fatalf("%s was read as %s", text, rate)
			}
		}
		budget, err := ParseBudget(in + "/day")
		if want, _ := costmodel.ParseUSD(in); err != nil || budget.Cmp(want) != 0 {
			t.Fatalf("%s/day was read as %s: %v", in, budget, err)
		}
	})
	for _, bad := range []string{"", "/", "1/", "/1", "1/2/3", "-1/2", "1/-2", "a/b", "1", "nan/1", "1e999/1"} {
		if _, err := ParsePrice(bad, "me"); err == nil {
			t.Errorf("the price %q was taken", bad)
		}
	}
}

// No file makes the reader fail in another way than with an *Error, or repeat
// what looks like a key, or give a target that cannot be probed.
func FuzzRead(f *testing.F) {
	f.Add(whole)
	f.Add(target)
	f.Add("target = [{name = \"a\"}]\n[[target]]\n")
	f.Add("[target.headers]\na=1\n[probe.interval]\n[[probe]]\n")
	f.Add("a.b.c.target = 1\ntarget.a = 2\n[[target.headers]]\n[\"\"]\n'' = 1")
	f.Add("[probe]\r\ninterval = '''\r\n60s'''\r\n\x00")
	f.Fuzz(func(t *testing.T, file string) {
		c, err := Read(strings.NewReader(file), "f")
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || len(wrong.Problems) == 0 || len(wrong.Problems) > maxProblems {
				t.Fatalf("%v", err)
			}
			for i, p := range wrong.Problems {
				if p.Line < 1 || p.Column < 1 || p.What == "" || looksLikeKey(p.What) || p.What != probe.Sanitize(p.What, 400) {
					t.Fatalf("%d: %+v", i, p)
				}
			}
			return
		}
		for _, target := range c.Targets {
			if err := target.Validate(); err != nil {
				t.Fatal(err)
			}
		}
		if c.Interval < leastInterval || c.Budget.Sign() < 0 || c.Profile == "" {
			t.Fatalf("%+v", c)
		}
	})
}

// Names that people use are names, also where keys begin like them.
func TestNamesThatBeginLikeKeys(t *testing.T) {
	for text, want := range map[string]bool{
		"xai-grok-3": false, "fw-llama-70b": false, "costping/hf-default": false, "hf-meta-llama-3-70b-instruct": false,
		"xai-Ab3dE5fG7hJ9kL1mN3pQ": true, "hf_aB3dE5fG7hJ9kL1mN3": true, "sk-abcdef123456": true, "gsk_abcdef123456": true,
	} {
		if got := looksLikeKey(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// A file of the allowed size costs no more than a few times that, whatever its shape.
func TestDeepKeysAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"a dotted key":  strings.Repeat("a.", 1<<18) + "a = 1\n",
		"inline tables": "[[target]]\nextra = " + strings.Repeat("{a = ", 2000) + "1" + strings.Repeat("}", 2000) + "\n",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(strings.NewReader(text), "f")
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: taken", name)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
			t.Errorf("%s: %d MB were allocated for %d kB", name, used>>20, len(text)>>10)
		}
	}
}
