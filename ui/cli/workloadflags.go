package cli

import (
	"cmp"
	"math/big"
	"path/filepath"
	"slices"
	"strings"

	"costping/costmodel"
	"costping/costmodel/spelling"
	"costping/probe"
	"costping/ui/config"

	"github.com/spf13/cobra"
)

// workloadFlags are the workload of a projection in all its forms.
type workloadFlags struct {
	settings             *app
	volume, split, days  string
	named                string
	preset               string
	in, out              string
	users, tokensPerUser string
	cached, cacheWrite   string
	batch, retries       string
	malformed, reviews   string
	growth               string
	thinking             string
}

func (f *workloadFlags) add(cmd *cobra.Command, a *app) {
	f.settings = a
	flags := cmd.Flags()
	flags.StringVar(&f.volume, "volume", "10M/day", "tokens or messages, requests, calls, documents per hour, day, night, week, month or year")
	flags.StringVar(&f.split, "split", "75/25", "input and output share of the tokens in percent")
	flags.StringVar(&f.days, "days", "30", "days that a month is counted as: 30, 30.4, another number, calendar, or a month such as 2027-02; a year is 12 of them")
	flags.StringVar(&f.preset, "preset", "", "a workload by name: "+presetNames())
	flags.StringVar(&f.named, "workload", "", "a workload of the configuration by name")
	flags.StringVar(&f.in, "in", "", "input tokens of one item of the volume")
	flags.StringVar(&f.out, "out", "", "output tokens of one item of the volume")
	flags.StringVar(&f.users, "users", "", "users a day, each with --tokens-per-user")
	flags.StringVar(&f.tokensPerUser, "tokens-per-user", "", "tokens of one user a day")
	flags.StringVar(&f.cached, "cached", "", "share of the input read from a cache, such as 30%")
	flags.StringVar(&f.cacheWrite, "cache-write", "", "share of the input written to a cache")
	flags.StringVar(&f.batch, "batch", "", "share of the requests sent as a batch")
	flags.StringVar(&f.retries, "retries", "", "share of the requests sent again")
	flags.StringVar(&f.malformed, "malformed", "", "share of the answers that have to be looked at")
	flags.StringVar(&f.reviews, "reviews", "", "US dollars that looking at one of them costs")
	flags.StringVar(&f.thinking, "thinking", "", "output tokens billed for one of the answer where a model thinks, such as 2.5")
	flags.StringVar(&f.growth, "growth", "", "growth of the volume a month, such as 5%")
}

// bases are the flags that say what there is to do; the others change it.
var bases = []string{"volume", "split", "in", "out", "users", "tokens-per-user", "preset", "workload"}

// changes are those others.
var changes = []string{"days", "cached", "cache-write", "batch", "retries", "malformed", "reviews", "thinking", "growth"}

// anyGiven reports whether a flag says anything of the workload.
func (f *workloadFlags) anyGiven(given func(flag string) bool) bool {
	return slices.ContainsFunc(bases, given) || slices.ContainsFunc(changes, given)
}

// workloadOr is the workload of the flags; where they do not say what there is to do,
// the first of the configuration with what they change of it.
func (f *workloadFlags) workloadOr(c config.Config, given func(flag string) bool, today costmodel.Date) (costmodel.Workload, error) {
	if !slices.ContainsFunc(bases, given) && len(c.Workloads) > 0 {
		f.named = c.Workloads[0].Name
	}
	return f.workload(given, today)
}

// name is what the workload of the flags is called; "" where a flag says or changes
// what it is.
func (f *workloadFlags) name(given func(flag string) bool) string {
	said := func(flag string) bool { return flag != "workload" && flag != "preset" && given(flag) }
	if slices.ContainsFunc(bases, said) || slices.ContainsFunc(changes, given) {
		return ""
	}
	return cmp.Or(f.named, f.preset)
}

// configuredOr is workloadOr of the configuration there is.
func (f *workloadFlags) configuredOr(given func(flag string) bool, today costmodel.Date) (costmodel.Workload, error) {
	c, err := f.settings.configuration()
	if err != nil {
		return costmodel.Workload{}, err
	}
	return f.workloadOr(c, given, today)
}

// presetNames lists them for messages.
func presetNames() string {
	var names []string
	for _, p := range costmodel.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// clashes are flags that say the same in different ways.
var clashes = [][2]string{
	{"workload", "volume"},
	{"workload", "split"},
	{"workload", "users"},
	{"workload", "in"},
	{"workload", "out"},
	{"workload", "preset"},
	{"preset", "volume"},
	{"preset", "users"},
	{"preset", "in"},
	{"preset", "out"},
	{"users", "volume"},
	{"users", "in"},
	{"users", "out"},
	{"split", "in"},
	{"split", "out"},
}

// partners are flags that need each other.
var partners = [][2]string{{"in", "out"}, {"users", "tokens-per-user"}, {"malformed", "reviews"}}

// workload is what the flags say; day is the one that --days calendar is of.
func (f *workloadFlags) workload(given func(flag string) bool, day costmodel.Date) (costmodel.Workload, error) {
	none := costmodel.Workload{}
	for _, pair := range clashes {
		if given(pair[0]) && given(pair[1]) {
			return none, usage("leave one of them out", "--%s and --%s cannot be used together", pair[0], pair[1])
		}
	}
	for _, pair := range partners {
		if given(pair[0]) != given(pair[1]) {
			return none, usage("give both or neither", "--%s and --%s belong together", pair[0], pair[1])
		}
	}
	w, err := f.base(given, day)
	if err != nil {
		return none, err
	}
	if err := f.shares(&w); err != nil {
		return none, err
	}
	if f.named == "" || given("days") {
		if w.DaysPerMonth, err = f.daysPerMonth(day); err != nil {
			return none, err
		}
	}
	return w, f.check(w)
}

// daysPerMonth reads --days; day is the one that calendar is of.
func (f *workloadFlags) daysPerMonth(day costmodel.Date) (costmodel.DaysPerMonth, error) {
	if f.days == "calendar" {
		return costmodel.CalendarMonth(day), nil
	}
	days, err := costmodel.ParseDaysPerMonth(f.days)
	return days, hinted("days", err)
}

// profile is the prompt whose probes stand for the configured workload that was
// named; "" where it names none.
func (f *workloadFlags) profile() (string, error) {
	if f.named == "" {
		return "", nil
	}
	c, err := f.settings.configuration()
	if err != nil {
		return "", err
	}
	w, _ := c.WorkloadNamed(f.named)
	if p, err := config.FindProfile(w.Profile, filepath.Dir(c.Path)); err == nil { // it may be a file
		return p.Name, nil
	}
	return w.Profile, nil // nothing is probed here: a name is enough to compare
}

// configured is the workload of the configuration that was named.
func (f *workloadFlags) configured(day costmodel.Date) (costmodel.Workload, error) {
	c, err := f.settings.configuration()
	if err != nil {
		return costmodel.Workload{}, err
	}
	w, ok := c.WorkloadNamed(f.named)
	if ok {
		return w.On(day), nil
	}
	var names []string
	for _, w := range c.Workloads {
		names = append(names, w.Name)
	}
	hint := "add it as [[workload]] to the configuration"
	if near := spelling.Nearest(f.named, names, 1); len(near) > 0 {
		hint = "did you mean " + near[0] + "?"
	} else if names != nil {
		hint = "the workloads are " + strings.Join(names, ", ")
	}
	return costmodel.Workload{}, usage(hint, "there is no workload %q", probe.Sanitize(f.named, 80))
}

// base is the volume and how it divides.
func (f *workloadFlags) base(given func(flag string) bool, day costmodel.Date) (w costmodel.Workload, err error) {
	if f.named != "" {
		return f.configured(day)
	}
	if f.preset != "" {
		preset, err := costmodel.LookupPreset(f.preset)
		if err != nil || !given("split") {
			return preset.Workload, err
		}
		w = preset.Workload
	} else if w.Volume, err = costmodel.ParseVolume(f.volume); err != nil {
		return w, err
	}
	if w.Split, err = costmodel.ParseSplit(f.split); err != nil {
		return w, err
	}
	switch {
	case given("users"):
		users, err := count("users", f.users)
		if err != nil {
			return w, err
		}
		tokens, err := count("tokens-per-user", f.tokensPerUser)
		if err != nil {
			return w, err
		}
		return w.WithUsers(users, tokens)
	case given("in"):
		return f.items(w)
	}
	return w, nil
}

// items is the workload with the tokens of one item.
func (f *workloadFlags) items(w costmodel.Workload) (costmodel.Workload, error) {
	if unit := w.Volume.Unit(); unit == costmodel.Tokens || unit == costmodel.Users {
		return w, usage(`give the volume in messages, requests, documents or calls, such as --volume "100k messages/month"`,
			"--in and --out are of one item, and the volume is in %s", unit)
	}
	in, err := count("in", f.in)
	if err != nil {
		return w, err
	}
	out, err := count("out", f.out)
	if err != nil {
		return w, err
	}
	return w.WithItem(in, out)
}

// count reads the value of a flag.
func count(flag, value string) (costmodel.Count, error) {
	c, err := costmodel.ParseCount(value)
	if err != nil {
		f := classify(err)
		return c, usage(f.hint, "--%s: %s", flag, f.what)
	}
	return c, nil
}

// shares reads what becomes of the tokens.
func (f *workloadFlags) shares(w *costmodel.Workload) error {
	for _, part := range []struct {
		flag, value string
		share       *costmodel.Share
	}{
		{"cached", f.cached, &w.Cached},
		{"cache-write", f.cacheWrite, &w.CacheWrite},
		{"batch", f.batch, &w.Batch},
		{"retries", f.retries, &w.Retries},
		{"malformed", f.malformed, &w.Malformed},
		{"growth", f.growth, &w.Growth},
	} {
		if part.value == "" {
			continue
		}
		share, err := costmodel.ParseShare(part.value)
		if err != nil {
			bad := classify(err)
			return usage(bad.hint, "--%s: %s", part.flag, bad.what)
		}
		*part.share = share
	}
	if f.thinking != "" {
		factor, err := count("thinking", f.thinking)
		if err != nil {
			return err
		}
		if factor.Rat().Cmp(big.NewRat(1, 1)) < 0 {
			return usage("give how many output tokens are billed for one of the answer, 1 or more", "--thinking cannot be %q", f.thinking)
		}
		w.Thinking = factor
	}
	if f.reviews == "" {
		return nil
	}
	review, err := costmodel.ParseUSD(f.reviews)
	w.Review = review
	return hinted("reviews", err)
}

// check is what is missing of the workload, in terms of the flags.
func (f *workloadFlags) check(w costmodel.Workload) error {
	err := w.Check()
	if unit := w.Volume.Unit(); err != nil && unit != costmodel.Tokens && !w.PerItem.Given() {
		hint := "give them with --in and --out"
		if unit == costmodel.Users {
			hint = "give --users and --tokens-per-user instead of --volume"
		}
		return usage(hint, "%v", err)
	}
	return err
}
