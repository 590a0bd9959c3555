package config

import (
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/compare"
)

// limitTable is a [[limit]].
type limitTable struct {
	Target        *string `toml:"target"`
	For           *string `toml:"for"`
	TTFTp50       *string `toml:"ttft_p50"`
	TTFTp95       *string `toml:"ttft_p95"`
	TPOTp50       *string `toml:"tpot_p50"`
	E2Ep95        *string `toml:"e2e_p95"`
	MinThroughput *string `toml:"min_throughput"`
	MaxErrorRate  *string `toml:"max_error_rate"`
	MaxMalformed  *string `toml:"max_malformed"`
	MaxToolErrors *string `toml:"max_tool_errors"`
	MinQuality    *string `toml:"min_quality"`
	MaxDaily      *string `toml:"max_daily"`
	MaxMonthly    *string `toml:"max_monthly"`
}

// alertsTable is [alerts].
type alertsTable struct {
	Bell    bool     `toml:"bell"`
	Title   bool     `toml:"title"`
	OnAlert []string `toml:"on_alert"`
}

// Alerts say how a person is told that a limit is broken, a target down and the
// like.
type Alerts struct {
	// Bell rings the terminal's, Title puts it into the terminal's title.
	Bell, Title bool
	// OnAlert is a command with its arguments, which is given the event as JSON on
	// its standard input; nil for none.
	OnAlert []string
}

// longestFor bounds how long a limit may wait before it is broken.
const longestFor = 7 * 24 * time.Hour

// limit checks one table and reports what is wrong with it.
func (raw limitTable) limit(d *document, at string, targets []Target) compare.Limit {
	l := compare.Limit{Target: "*"}
	if raw.Target != nil {
		l.Target = *raw.Target
		if _, err := path.Match(l.Target, ""); err != nil || l.Target == "" {
			d.report(d.place(at, "target"), "target %q is no pattern: write a name, or one with * and ? in it", l.Target)
		} else if len(targets) > 0 && !slices.ContainsFunc(targets, func(t Target) bool { return l.Holds(t.Name) }) {
			d.report(d.place(at, "target"), "target %q is none of the targets of this file", l.Target)
		}
	}
	if raw.For != nil {
		wait, err := time.ParseDuration(*raw.For)
		if err != nil || wait < 0 || wait > longestFor {
			d.report(d.place(at, "for"), "for %q is no time up to 7 days: write %s", *raw.For, forms["for"])
		}
		l.For = wait
	}
	for _, one := range raw.bounds() {
		if one.text == nil {
			continue
		}
		bound := compare.Bound{Metric: one.metric}
		if err := one.read(&bound, *one.text); err != nil {
			d.report(d.place(at, string(one.metric)), "%s %q is not %s", one.metric, *one.text, forms[string(one.metric)])
			continue
		}
		l.Bounds = append(l.Bounds, bound)
	}
	if !d.unknown && !slices.ContainsFunc(raw.bounds(), func(b boundText) bool { return b.text != nil }) {
		d.report(d.at[at], "a limit limits something: give it one of %s", strings.Join(keysOf["limit"][2:], ", "))
	}
	return l
}

// boundText is one key of a limit.
type boundText struct {
	metric compare.LimitMetric
	text   *string
	read   func(*compare.Bound, string) error
}

func (raw limitTable) bounds() []boundText {
	return []boundText{
		{compare.LimitTTFTp50, raw.TTFTp50, readMillis},
		{compare.LimitTTFTp95, raw.TTFTp95, readMillis},
		{compare.LimitTPOTp50, raw.TPOTp50, readMillis},
		{compare.LimitE2Ep95, raw.E2Ep95, readMillis},
		{compare.LimitMinThroughput, raw.MinThroughput, readSpeed},
		{compare.LimitMaxErrorRate, raw.MaxErrorRate, readCeiling},
		{compare.LimitMaxMalformed, raw.MaxMalformed, readCeiling},
		{compare.LimitMaxToolErrors, raw.MaxToolErrors, readCeiling},
		{compare.LimitMinQuality, raw.MinQuality, readShare},
		{compare.LimitMaxDaily, raw.MaxDaily, readUSD},
		{compare.LimitMaxMonthly, raw.MaxMonthly, readUSD},
	}
}

var errBound = errors.New("no bound")

func readMillis(b *compare.Bound, text string) error {
	most, err := time.ParseDuration(text)
	if err != nil || most <= 0 {
		return errBound
	}
	b.Value = float64(most) / float64(time.Millisecond)
	return nil
}

// readSpeed reads tokens a second; they may be called that.
func readSpeed(b *compare.Bound, text string) error {
	number, _ := strings.CutSuffix(strings.TrimSpace(text), "tok/s")
	usd, err := costmodel.ParseUSD(strings.TrimSpace(number)) // an exact decimal, as this is
	b.Value = usd.Float64()
	if err != nil || b.Value <= 0 {
		return errBound
	}
	return nil
}

func readShare(b *compare.Bound, text string) (err error) {
	b.Value, err = costmodel.ParseFraction(text)
	return err
}

func readCeiling(b *compare.Bound, text string) (err error) {
	b.Value, err = compare.Ceiling(text)
	return err
}

func readUSD(b *compare.Bound, text string) (err error) {
	b.USD, err = costmodel.ParseUSD(text)
	return err
}

// alerts checks the table.
func (raw alertsTable) alerts(d *document) Alerts {
	if _, given := d.at["alerts.on_alert"]; given && strings.TrimSpace(strings.Join(raw.OnAlert[:min(1, len(raw.OnAlert))], "")) == "" {
		d.report(d.place("alerts", "on_alert"), "on_alert is %s", forms["on_alert"])
	}
	return Alerts(raw)
}
