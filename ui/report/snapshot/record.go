package snapshot

import (
	"time"

	"costping/costmodel"
	"costping/probe"
	"costping/store"
)

// Schema names the form of a record, with its version.
const Schema = "costping.snapshot/1"

// Definition says in a sentence what was measured, and DefinitionVersion which
// definition that is: figures under two of them do not compare.
const (
	Definition = "client-side, streamed, one request at a time, on a warm connection, without a prompt cache hit; " +
		"TTFT is from handing over the request to the first event with a generated token of any kind; " +
		"output speed is that after the first event; quantiles by linear interpolation with 95 % order-statistic intervals"
	DefinitionVersion = 1
)

// Record is a comparison at one moment.
type Record struct {
	Schema string `json:"schema"`
	// Tool is the version of the program that took it.
	Tool string `json:"tool"`
	// TakenAt is when, in UTC.
	TakenAt time.Time `json:"taken_at"`
	// Place says from where was measured: a label that a person gave, "" for none.
	Place string `json:"place"`
	// Note is what the person wants to say of it.
	Note string `json:"note"`
	// Demo says that the figures are simulated.
	Demo bool `json:"demo"`
	// Answer is the one sentence that the table amounts to.
	Answer      string      `json:"answer"`
	Measurement Measurement `json:"measurement"`
	Window      Window      `json:"window"`
	Workload    Workload    `json:"workload"`
	// PricesOn is the day whose prices were taken, and on which models are retired
	// or not.
	PricesOn costmodel.Date `json:"prices_on"`
	Limits   []Limit        `json:"limits"`
	// ProbeUSD is what measuring cost, ProbeUnpriced how many attempts are not in it
	// because their cost is unknown.
	ProbeUSD      costmodel.USD `json:"probe_usd"`
	ProbeUnpriced int           `json:"probe_unpriced"`
	// Warnings are reasons to doubt the whole.
	Warnings []string `json:"warnings"`
	// Rows are in the order of the table.
	Rows   []Row   `json:"rows"`
	Events []Event `json:"events"`

	// Doubts are what a reader found that does not add up; never written.
	Doubts []string `json:"-"`
}

// Measurement is the definition that the figures are under.
type Measurement struct {
	Version int    `json:"version"`
	Text    string `json:"text"`
}

// Window is when was measured.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// HoursCovered counts the hours with at least one attempt, of HoursTotal.
	HoursCovered int `json:"hours_covered"`
	HoursTotal   int `json:"hours_total"`
	// Sketched says that quantiles are within 1 % of the true ones.
	Sketched bool `json:"sketched"`
}

// Limit is what targets are held to.
type Limit struct {
	Target string `json:"target"`
	// ForS is how long a figure has to be over it, in seconds.
	ForS   int64   `json:"for_s"`
	Bounds []Bound `json:"bounds"`
}

// Bound is the limit on one figure: Value in milliseconds, tokens a second or a
// share from 0 to 1, or an amount of money.
type Bound struct {
	Metric string         `json:"metric"`
	Value  *float64       `json:"value,omitempty"`
	USD    *costmodel.USD `json:"usd,omitempty"`
}

// Row is one model.
type Row struct {
	Target string   `json:"target"`
	Short  string   `json:"short,omitempty"`
	Tags   []string `json:"tags,omitempty"`
	// Model is what the catalog says of it, nil where it does not have it.
	Model *Model `json:"model"`
	// Price is the one that was used, nil where it is unknown.
	Price *costmodel.Price `json:"price"`
	// Sources is how many sources give a price, Apart what the one furthest off
	// says, in percent; 0 where none is off by more than 2.
	Sources int     `json:"price_sources"`
	Apart   float64 `json:"price_sources_apart_percent"`
	// Machine is set for a model on a machine of one's own.
	Machine *Machine `json:"own_machine,omitempty"`
	// Quality is a share from 0 to 1 that the person states or measured.
	Quality   *Figure    `json:"quality"`
	Published *Published `json:"published,omitempty"`
	// Graded is what graded answers came to, nil where none was.
	Graded *Graded `json:"graded,omitempty"`
	Spend  Spend   `json:"spend"`
	// Verdict is inside, outside or not shown; Why says each limit's figure.
	Verdict  string `json:"verdict"`
	Why      string `json:"verdict_why"`
	BeatenBy string `json:"beaten_by,omitempty"`
	Pick     bool   `json:"pick"`
	// Measured is nil where nothing was.
	Measured *Measured `json:"measured"`
}

// Model is what the catalog says of a model.
type Model struct {
	ID           string                 `json:"id"`
	Name         string                 `json:"name"`
	Provider     string                 `json:"provider"`
	ProviderName string                 `json:"provider_name"`
	Family       string                 `json:"family,omitempty"`
	Kind         costmodel.Kind         `json:"kind"`
	Released     costmodel.Date         `json:"released"`
	Retired      costmodel.Date         `json:"retired"`
	Context      int64                  `json:"context_tokens"`
	MaxOutput    int64                  `json:"max_output_tokens"`
	Capabilities costmodel.Capabilities `json:"capabilities"`
	// Successor is the model that takes its place and what that costs a month for
	// the same work; nil where it does not retire or none is known.
	Successor *Successor `json:"successor,omitempty"`
}

// Successor is a model that may take the place of another.
type Successor struct {
	ID          string         `json:"id"`
	USDPerMonth *costmodel.USD `json:"usd_per_month"`
}

// Machine is a machine of one's own; Cost is what it costs, such as "150/month", nil
// where nobody said.
type Machine struct {
	Cost *string `json:"cost"`
}

// Figure is a figure with its interval.
type Figure struct {
	Value float64 `json:"value"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
	N     int     `json:"n"`
	Hits  int     `json:"hits,omitempty"`
	Basis string  `json:"basis"`
}

// Published are latencies that others measured.
type Published struct {
	TTFT  *float64 `json:"ttft_ms"`
	Speed *float64 `json:"output_tokens_per_s"`
}

// Spend is what the workload costs; the amounts are nil where that is unknown, and
// Reason says why.
type Spend struct {
	USDPerDay   *costmodel.USD `json:"usd_per_day"`
	USDPerMonth *costmodel.USD `json:"usd_per_month"`
	USDPerYear  *costmodel.USD `json:"usd_per_year"`
	USDPerItem  *costmodel.USD `json:"usd_per_item"`
	// USDPerUsableItem counts those that have to be paid for beside it, since their
	// answers are malformed; nil where none were graded.
	USDPerUsableItem *costmodel.USD `json:"usd_per_usable_item,omitempty"`
	Reason           string         `json:"reason,omitempty"`
}

// Measured is what was measured of one target under one profile and cap.
type Measured struct {
	// Model is the id that the endpoint knows it by, Provider who serves it.
	Model       string `json:"model"`
	Provider    string `json:"provider"`
	Profile     string `json:"profile"`
	Cap         int    `json:"max_tokens"`
	Concurrency int    `json:"concurrency"`
	// N counts the samples of the headline, Attempts what was sent, Others what was
	// sent otherwise and is not in the figures.
	N        int                   `json:"n"`
	Attempts int                   `json:"attempts"`
	Others   int                   `json:"others"`
	Outcomes map[probe.Outcome]int `json:"outcomes"`
	Offline  int                   `json:"offline"`
	Scripted int                   `json:"scripted"`
	// FailedInARow counts the failures since the last success.
	FailedInARow int           `json:"failed_in_a_row"`
	First        *time.Time    `json:"first_at"`
	Last         time.Time     `json:"last_at"`
	LastOutcome  probe.Outcome `json:"last_outcome"`
	// InputTokens and OutputTokens are medians.
	InputTokens  float64 `json:"input_tokens_p50"`
	OutputTokens float64 `json:"output_tokens_p50"`
	// Thinking is by how much reasoning multiplies the output, over ThinkingN answers.
	Thinking  *float64 `json:"thinking_factor"`
	ThinkingN int      `json:"thinking_n"`
	USD       string   `json:"usd"`
	Unpriced  int      `json:"unpriced"`
	TTFT      Metric   `json:"ttft_ms"`
	E2E       Metric   `json:"e2e_ms"`
	Speed     Metric   `json:"output_tokens_per_s"`
	Goodput   *Goodput `json:"goodput"`
	Series    Series   `json:"series"`
}

// Goodput is the share of attempts that met every objective.
type Goodput struct {
	SLO  string `json:"slo"`
	Hits int    `json:"hits"`
	N    int    `json:"n"`
}

// Metric is how the values of one figure are spread.
type Metric struct {
	N int `json:"n"`
	// P50 and P95 are nil where there are too few values, P95 also where it is not
	// asked for.
	P50 *Quantile `json:"p50"`
	P95 *Quantile `json:"p95"`
	// Max is the largest value, nil where there is none.
	Max *float64 `json:"max"`
	// Order are values at even ranks, rising, all where there are at most 512: enough
	// to compare two records by a test.
	Order []float64 `json:"order_statistics"`
}

// Quantile is an estimate with its 95 % interval.
type Quantile struct {
	Value float64 `json:"value"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
	// Effective is how many independent values it counts for; 0 where that was not
	// looked at.
	Effective int       `json:"effective_n,omitempty"`
	Warnings  []Warning `json:"warnings,omitempty"`
}

// Warning is a reason to doubt a figure.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Series is how figures went over time, a step after the other from From on. All
// lists are equally long; null is a step without values.
type Series struct {
	From   time.Time  `json:"from"`
	StepS  int64      `json:"step_s"`
	N      []int      `json:"attempts"`
	Failed []int      `json:"failed"`
	P25    []*float64 `json:"ttft_p25_ms"`
	P50    []*float64 `json:"ttft_p50_ms"`
	P75    []*float64 `json:"ttft_p75_ms"`
	E2E    []*float64 `json:"e2e_p50_ms"`
	Speed  []*float64 `json:"output_tokens_per_s_p50"`
}

// Event is something that happened within the window.
type Event struct {
	At     time.Time       `json:"at"`
	Kind   store.EventKind `json:"kind"`
	Target string          `json:"target,omitempty"`
	Text   string          `json:"text"`
	ForS   int64           `json:"for_s,omitempty"`
}
