package config

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"costping/ui/compare"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	c, err := Read(strings.NewReader(target+`
[[limit]]
ttft_p50       = "500ms"
ttft_p95       = "0.8s"
tpot_p50       = "30ms"
e2e_p95        = "5s"
min_throughput = "50 tok/s"
max_error_rate = "1%"
max_malformed  = "0"
max_tool_errors = "2%"
min_quality    = "0.85"
max_daily      = "20"
max_monthly    = "$500.00"
for            = "15m"

[[limit]]
target   = "a*"
ttft_p95 = "1s"

[alerts]
bell     = true
title    = true
on_alert = ["notify-send", "costping"]
`), "f")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Limits) != 2 || c.Limits[0].Target != "*" || c.Limits[0].For != 15*time.Minute || c.Limits[1].Target != "a*" || c.Limits[1].For != 0 {
		t.Fatalf("%+v", c.Limits)
	}
	want := map[compare.LimitMetric]float64{
		"ttft_p50": 500, "ttft_p95": 800, "tpot_p50": 30, "e2e_p95": 5000, "min_throughput": 50,
		"max_error_rate": 0.01, "max_malformed": 0, "max_tool_errors": 0.02, "min_quality": 0.85, "max_daily": 20, "max_monthly": 500,
	}
	got := map[compare.LimitMetric]float64{}
	for _, b := range c.Limits[0].Bounds {
		got[b.Metric] = b.Value + b.USD.Float64()
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !reflect.DeepEqual(c.Alerts, Alerts{Bell: true, Title: true, OnAlert: []string{"notify-send", "costping"}}) {
		t.Errorf("%+v", c.Alerts)
	}
}

func TestLimitProblems(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, want string }{
		"nothing":        {target + "[[limit]]\nfor = \"15m\"\n", `^f:5:3: a limit limits something: give it one of ttft_p50, `},
		"no unit":        {"[[limit]]\nttft_p95 = \"800\"\n", `^f:2:1: ttft_p95 "800" is not a time in quotes, such as "800ms"$`},
		"no quotes":      {"[[limit]]\nttft_p95 = 800\n", `^f:2:\d+: ttft_p95 is a time in quotes`},
		"zero":           {"[[limit]]\ne2e_p95 = \"0s\"\n", `^f:2:1: e2e_p95 "0s" is not a time`},
		"no limit":       {"[[limit]]\nmax_malformed = \"1\"\n", `^f:2:1: max_malformed "1" is not a share`},
		"over the whole": {"[[limit]]\nmax_error_rate = \"101%\"\n", `^f:2:1: max_error_rate "101%" is not a share`},
		"no money":       {"[[limit]]\nmax_monthly = \"much\"\n", `^f:2:1: max_monthly "much" is not US dollars`},
		"less than none": {"[[limit]]\nmax_daily = \"-1\"\n", `^f:2:1: max_daily "-1" is not US dollars`},
		"no speed":       {"[[limit]]\nmin_throughput = \"0\"\n", `^f:2:1: min_throughput "0" is not output tokens`},
		"for":            {"[[limit]]\nfor = \"15\"\nttft_p50 = \"1s\"\n", `^f:2:1: for "15" is no time up to 7 days`},
		"for ever":       {"[[limit]]\nfor = \"900h\"\nttft_p50 = \"1s\"\n", `^f:2:1: for "900h" is no time`},
		"a bad pattern":  {"[[limit]]\ntarget = \"a[\"\nttft_p50 = \"1s\"\n", `^f:2:1: target "a\[" is no pattern`},
		"no such target": {target + "[[limit]]\ntarget = \"b*\"\nttft_p50 = \"1s\"\n", `^f:6:1: target "b\*" is none of the targets`},
		"unknown":        {"[[limit]]\nttft_p99 = \"1s\"\n", `^f:2:1: unknown key "ttft_p99" in \[limit\]: did you mean ttft_p9?5\?`},
		"no command":     {"[alerts]\non_alert = []\n", `^f:2:1: on_alert is a command`},
		"one text":       {"[alerts]\non_alert = \"beep\"\n", `^f:2:\d+: on_alert is a command`},
		"not a switch":   {"[alerts]\nbell = \"yes\"\n", `^f:2:\d+: bell is true or false`},
		"a key in it":    {"[alerts]\non_alert = [\"curl\", \"sk-proj-0123456789abcdef\"]\n", `^f:2:\d+: this looks like an API key`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(tc.file), "f")
			var wrong *Error
			if !errors.As(err, &wrong) || len(wrong.Problems) != 1 {
				t.Fatalf("got %v", err)
			}
			if !regexp.MustCompile(tc.want).MatchString(wrong.Line(0)) {
				t.Errorf("got %s, want %s", wrong.Line(0), tc.want)
			}
		})
	}
}
