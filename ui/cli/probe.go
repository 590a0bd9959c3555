package cli

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
	"costping/ui/compare"
	"costping/ui/monitor"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

type probeCommand struct {
	*app
	target      probe.Target
	n           int
	concurrency int
	profile     string
}

func newProbe(a *app) *cobra.Command {
	p := &probeCommand{app: a}
	cmd := &cobra.Command{
		Use:   "probe",
		Short: "Probe an OpenAI-compatible endpoint now, print what was measured and keep it",
		Long: "probe sends streaming chat completions, one after another on a warm connection, and prints what it\n" +
			"measured. The samples go into the history; where that is in use by a running dashboard, they are\n" +
			"measured and printed all the same, with the warning \"not stored\".",
		Example: "  costping probe --base-url https://api.openai.com/v1 --model gpt-4o-mini --key-env OPENAI_API_KEY -n 10\n" +
			"  costping probe --base-url http://127.0.0.1:11434/v1 --model llama3.2:3b -n 6 -o json",
		Args: a.noArgs,
		RunE: p.run,
	}
	a.outputFlag(cmd)
	a.historyFlag(cmd)
	cmd.Flags().StringVar(&p.target.BaseURL, "base-url", "", "root of the API, with its version: https://api.openai.com/v1")
	cmd.Flags().StringVar(&p.target.Model, "model", "", "the model, as the endpoint names it")
	cmd.Flags().StringVar(&p.target.KeyEnv, "key-env", "", "variable that holds the API key")
	cmd.Flags().StringVar(&p.target.Name, "name", "", "label in the history (default: the model)")
	cmd.Flags().IntVarP(&p.n, "count", "n", 10, "how many probes; the first median takes 6, the first p95 takes 76")
	cmd.Flags().IntVar(&p.concurrency, "concurrency", 1, "how many at once (at most 50)")
	cmd.Flags().StringVar(&p.profile, "profile", "chat", "prompt profile: chat (128 tokens out) or brief (48)")
	return cmd
}

// check refuses what cannot be probed before anything is sent.
func (p *probeCommand) check() (probe.Profile, error) {
	example := "such as --base-url https://api.openai.com/v1 --model gpt-4o-mini --key-env OPENAI_API_KEY"
	profiles := map[string]probe.Profile{"chat": probe.Chat(), "brief": probe.Brief()}
	profile, ok := profiles[p.profile]
	switch {
	case p.target.BaseURL == "" || p.target.Model == "":
		return profile, usage(example, "give the endpoint and the model")
	case p.n < 1 || p.n > 100_000:
		return profile, usage("give a number from 1 to 100000", "%d probes cannot be made", p.n)
	case p.concurrency < 1 || p.concurrency > 50:
		return profile, usage("give a number from 1 to 50: more at once would measure this machine", "%d probes at once cannot be timed", p.concurrency)
	case !ok:
		return profile, usage("the profiles are chat and brief", "unknown profile %q", p.profile)
	}
	p.target.BaseURL = strings.TrimRight(p.target.BaseURL, "/") // one endpoint, one spelling
	if p.target.Name == "" {
		p.target.Name = probe.Sanitize(p.target.Model, 80)
	}
	if err := p.target.Validate(); err != nil {
		return profile, usage(example, "%v", err)
	}
	_, err := keyOf(p.target)
	return profile, err
}

// variableName is what a variable that holds a key is called. Anything else may be
// a key that was given in its place: it is not repeated.
var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*$`)

// keyOf reads the key of --key-env, "" where none was named.
func keyOf(t probe.Target) (string, error) {
	key, err := t.Key()
	switch {
	case err == nil:
		return key, nil
	case !variableName.MatchString(t.KeyEnv):
		return "", usage("give the name of the variable, not the key: --key-env OPENAI_API_KEY", "--key-env does not name a variable that is set")
	}
	return "", usage("export "+t.KeyEnv+"=..., or name another variable with --key-env", "the key variable %s is not set, or empty", t.KeyEnv)
}

func (p *probeCommand) run(*cobra.Command, []string) error {
	format, err := p.format()
	if err != nil {
		return err
	}
	profile, err := p.check()
	if err != nil {
		return err
	}
	// A measurement that was asked for is made also where it cannot be kept.
	history, unstored := store.Open(p.historyDir())
	if history != nil {
		defer func() { _ = history.Close() }() // every sample is durable by now
	}
	ctx, stop := interruptible(context.Background())
	defer stop()
	measuringThreads()
	client := probe.NewClient(probe.Limits{}, monitor.CatalogPrice(costmodel.Default(), costmodel.Model.Price))
	defer client.Close()

	samples := p.measure(ctx, client, profile, func(s probe.Sample) {
		if history == nil {
			return
		}
		if err := history.Append(context.Background(), []probe.Sample{s}); err != nil && unstored == nil {
			unstored = err
		}
	})
	if unstored != nil {
		fmt.Fprintf(p.stderr, "warning: not stored: %s\n", oneLine(unstored.Error()))
	}
	verdict := p.verdict(samples)
	if verdict == nil && len(samples) < p.n && ctx.Err() == nil {
		last := samples[len(samples)-1]
		fmt.Fprintf(p.stderr, "warning: stopped after %d of %d: %s\n", len(samples), p.n, oneLine(last.Error))
	}
	// Where nothing was measured the sentence says all there is; what is read by
	// a program is complete in any case.
	if verdict == nil || format == report.JSON || format == report.CSV {
		if err := p.print(format, samples, unstored == nil); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	return verdict
}

// measure makes the probes, concurrency at a time, and stops early where the
// next one could only fail in the same way.
func (p *probeCommand) measure(ctx context.Context, client *probe.Client, profile probe.Profile, keep func(probe.Sample)) []probe.Sample {
	warm := make([]probe.Target, p.concurrency)
	for i := range warm {
		warm[i] = p.target
	}
	client.Warm(ctx, warm)
	bar := newProgress(p.stderr)
	defer bar.done()
	var (
		mu       sync.Mutex
		samples  []probe.Sample
		workers  sync.WaitGroup
		started  int
		hopeless bool
	)
	next := func() bool {
		mu.Lock()
		defer mu.Unlock()
		if started == p.n || hopeless || ctx.Err() != nil {
			return false
		}
		started++
		return true
	}
	for range p.concurrency {
		workers.Go(func() {
			for next() {
				s := client.Probe(ctx, probe.Attempt{Target: p.target, Profile: profile})
				mu.Lock()
				samples = append(samples, s)
				hopeless = hopeless || givenUp(samples)
				keep(s)
				bar.say(fmt.Sprintf("probing %s: %d of %d", p.target.Name, len(samples), p.n))
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	return samples
}

// refusals is how many answers of the same refusing kind in a row end a run: to
// go on at once would only be a nuisance.
const refusals = 3

// givenUp says that the next probe could only fail in the same way: at once where
// the configuration is at fault, after a few where the server does not want us.
func givenUp(samples []probe.Sample) bool {
	last := samples[len(samples)-1].Outcome
	switch last {
	case probe.Auth, probe.NotFound, probe.BadRequest:
		return true
	case probe.RateLimited, probe.Network:
		if len(samples) < refusals {
			return false
		}
		for _, s := range samples[len(samples)-refusals:] {
			if s.Outcome != last {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// verdict is an error where no probe succeeded, with what to do about the way
// the last one failed.
func (p *probeCommand) verdict(samples []probe.Sample) error {
	if len(samples) == 0 {
		return failed("", "no probe was made")
	}
	for _, s := range samples {
		if s.Outcome == probe.OK {
			return nil
		}
	}
	last := samples[len(samples)-1]
	what := fmt.Sprintf("the probe failed: %s", last.Error)
	if len(samples) > 1 {
		what = fmt.Sprintf("all %d probes failed: %s", len(samples), last.Error)
		if counts := outcomes(samples); len(counts) > 1 {
			what = fmt.Sprintf("all %d probes failed (%s), the last one: %s", len(samples), strings.Join(counts, ", "), last.Error)
		}
	}
	return failed(p.advice(last), "%s (%s)", what, p.target.Host())
}

// outcomes counts the samples by outcome: "3 timeout".
func outcomes(samples []probe.Sample) []string {
	count := map[probe.Outcome]int{}
	for _, s := range samples {
		count[s.Outcome]++
	}
	var counts []string
	for _, o := range probe.Outcomes() {
		if count[o] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", count[o], o))
		}
	}
	return counts
}

func (p *probeCommand) advice(s probe.Sample) string {
	switch s.Outcome {
	case probe.Auth:
		if p.target.KeyEnv == "" {
			return "name the variable that holds the key with --key-env"
		}
		return "check the key in " + p.target.KeyEnv
	case probe.NotFound:
		return "check --model, and that --base-url is the API's root, usually ending in /v1"
	case probe.BadRequest:
		return "the endpoint refuses the request as it is; check --model and --base-url"
	case probe.Malformed, probe.Empty:
		return "check that --base-url is the root of an OpenAI-compatible API, usually ending in /v1"
	case probe.Network:
		return "check that the server runs and that --base-url has the right scheme, host and port"
	case probe.RateLimited:
		if s.RetryAfter.Known {
			return fmt.Sprintf("the server asks to wait %s", s.RetryAfter.Value)
		}
		return "wait, or lower --concurrency"
	default:
		return ""
	}
}

func (p *probeCommand) print(format report.Format, samples []probe.Sample, stored bool) error {
	summary := store.Summarize(samples)
	if format == report.JSON {
		return writeJSON(p.stdout, probeDocument(samples, summary, stored))
	}
	if err := probeTable(samples).Write(p.stdout, format); err != nil || format != report.Text {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\n%s\n", probeSummary(p.target, summary))
	return err
}

// probeSummary is the paragraph under the table.
func probeSummary(t probe.Target, s store.Summary) string {
	ok := s.Success()
	line := fmt.Sprintf("%s at %s: %s of %s ok", t.Name, t.Host(), compare.Count(ok.Hits), compare.Count(s.Attempts()))
	switch {
	case s.TTFTp50.Earned():
		q := s.TTFTp50
		line += fmt.Sprintf("; TTFT p50 %s ms (%s-%s with 95 %%, n %d)", compare.Millis(q.Value), compare.Millis(q.Lo), compare.Millis(q.Hi), q.N)
		if s.TTFTp95.Earned() {
			line += fmt.Sprintf(", p95 %s ms", compare.Millis(s.TTFTp95.Value))
		}
	case s.Warm > 0:
		line += fmt.Sprintf("; first median after %d warm probes, %d so far", s.TTFTp50.Needed, s.Warm)
	}
	if s.Speedp50.Earned() {
		line += fmt.Sprintf("; %s tok/s after the first token", compare.Speed(s.Speedp50, 1))
	}
	if s.E2Ep50.Earned() {
		line += fmt.Sprintf("; whole answer %s", compare.Seconds(s.E2Ep50))
	}
	if s.USD.Sign() > 0 || s.Unpriced < s.Attempts() && s.Unpriced > 0 {
		verb := "cost"
		if t.Loopback() {
			verb = "would cost"
		}
		line += fmt.Sprintf("; %s $%s at catalog prices", verb, s.USD)
		if s.Unpriced > 0 {
			line += fmt.Sprintf(", and %d more of unknown cost", s.Unpriced)
		}
	} else if s.Unpriced > 0 {
		line += "; cost unknown: " + unpriced(t)
	}
	return line
}

// unpriced says why a probe has no cost.
func unpriced(t probe.Target) string {
	if _, known := costmodel.Default().Lookup(t.Model); !known {
		return "the catalog has no price for " + t.Model
	}
	return "the server does not say what was used"
}

// milliseconds is a measured duration with the precision that it has, or nil.
func milliseconds(d probe.Measured[time.Duration]) *float64 {
	if !d.Known {
		return nil
	}
	ms := round(float64(d.Value) / float64(time.Millisecond))
	return &ms
}
