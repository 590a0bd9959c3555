package cli

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"costping/costmodel"
	"costping/ui/report"

	"github.com/spf13/cobra"
)

type selfhostCommand struct {
	*app
	workloadFlags
	gpu, price, monthly            string
	count, redundancy              int
	labour, maintenance            string
	serve, throughput, utilisation string
	against                        string
}

func newSelfhost(a *app) *cobra.Command {
	s := &selfhostCommand{app: a}
	hardware := costmodel.DefaultHardware()
	cmd := &cobra.Command{
		Use:   "selfhost",
		Short: "What hosting a model yourself costs, from which volume on it pays, and whether that volume fits",
		Long: "Hosting a model yourself against an API by the token: what a month costs, the volume from which on\n" +
			"hosting is not dearer, and whether the GPUs can serve that volume. GPUs are whole and run all hours of\n" +
			"the month. What one serves depends on the shape of the requests: a throughput holds for the --in and\n" +
			"--out that it is given with. Labour and maintenance that are not given count as 0, and it says so.\n\n" +
			"GPUs with known prices: " + strings.Join(hardware.GPUs(), ", ") + ".\n" +
			"Models with known throughputs: " + strings.Join(hardware.Served(), ", ") + ".",
		Example: "  costping selfhost --monthly 2000 --against gpt-4o-mini --in 500 --out 200\n" +
			"  costping selfhost --gpu h100 --count 2 --serve llama-3.1-70b --labour 1000 --against gpt-4o --in 400 --out 100\n" +
			"  costping selfhost --gpu 4090 --price 0.34 --throughput 1190 --against gpt-4o-mini --volume \"3M messages/month\" --in 256 --out 128 -o json",
		Args: a.noArgs,
		RunE: s.run,
	}
	s.add(cmd, a)
	a.outputFlag(cmd)
	f := cmd.Flags()
	f.StringVar(&s.monthly, "monthly", "", "the whole of a month in USD, where it is known, instead of the GPUs")
	f.StringVar(&s.gpu, "gpu", "", "kind of GPU, such as h100")
	f.IntVar(&s.count, "count", 1, "how many GPUs serve")
	f.StringVar(&s.price, "price", "", "USD an hour for one GPU (default: what is known of the GPU)")
	f.IntVar(&s.redundancy, "redundancy", 1, "how many times the GPUs stand there: 2, so that one may fail")
	f.StringVar(&s.labour, "labour", "", "USD a month for those who run it")
	f.StringVar(&s.maintenance, "maintenance", "", "USD a month for maintenance")
	f.StringVar(&s.serve, "serve", "", "the model that is hosted, to look its throughput up")
	f.StringVar(&s.throughput, "throughput", "", "output tokens a second of all GPUs at saturation, for requests of this shape")
	f.StringVar(&s.utilisation, "utilisation", "30%", "part of the throughput that is used on average")
	f.StringVar(&s.against, "against", "gpt-4o-mini", "the API model or configured target to compare with")
	f.Lookup("volume").DefValue = ""
	f.Lookup("volume").Usage += ", to compare at"
	return cmd
}

// hosting is what was asked for, resolved.
type hosting struct {
	costmodel.SelfHost
	catalog    *costmodel.Catalog
	gpu        *costmodel.GPU
	gpuPrice   *costmodel.GPUPrice // nil where the price was given
	throughput *costmodel.Throughput
	against    costmodel.Model
	price      costmodel.Price
	work       costmodel.Workload
	asked      bool // a volume was given
	notes      []string
}

func (s *selfhostCommand) run(cmd *cobra.Command, _ []string) error {
	format, err := s.format()
	if err != nil {
		return err
	}
	today := costmodel.DateOf(time.Now())
	h := &hosting{}
	if err := s.ask(cmd, h, today); err != nil {
		return err
	}
	h.Days = h.work.DaysPerMonth
	if !h.work.Malformed.IsZero() {
		h.notes = append(h.notes, "reviews cost the same on both sides and are left out of both")
	}
	if err := s.cost(cmd, h); err != nil {
		return err
	}
	if err := s.capacity(h); err != nil {
		return err
	}
	if err := h.Validate(); err != nil {
		return err
	}
	if h.catalog, err = s.catalog(); err != nil {
		return err
	}
	if err := s.api(h, today); err != nil {
		return err
	}
	if h.against.RetiredOn(today) {
		h.notes = append(h.notes, fmt.Sprintf("%s is retired since %s: nobody can buy it instead", h.against.ID, h.against.Retired))
	}
	r := h.result(today)
	switch format {
	case report.JSON:
		return writeJSON(s.stdout, r.document())
	case report.CSV:
		return r.csv().Write(s.stdout, format)
	}
	return r.print(s.app, format)
}

// api finds what to compare with: a configured target, at its own price, or a model
// of the catalog.
func (s *selfhostCommand) api(h *hosting, today costmodel.Date) error {
	o, err := s.offerNamed(h.catalog, s.against, today)
	switch {
	case err != nil:
		return err
	case o.machine():
		return usage("name an API, by a target or a model of the catalog", "%s is a machine of your own, and not charged by the token", o.Name)
	}
	h.against, h.price = o.Model, o.Price
	h.against.ID = o.Name
	if o.Price.Own {
		h.notes = append(h.notes, o.Name+" is compared at your own price")
	}
	return nil
}

// ask reads the workload. Where only the tokens of an item are given, they are a
// message's, for which there is a break-even without a volume of one's own.
func (s *selfhostCommand) ask(cmd *cobra.Command, h *hosting, today costmodel.Date) (err error) {
	for _, flag := range []string{"volume", "users", "preset", "workload"} {
		h.asked = h.asked || cmd.Flags().Changed(flag)
	}
	if !h.asked && cmd.Flags().Changed("in") {
		s.volume = "1 message/month"
	}
	if h.work, err = s.configuredOr(cmd.Flags().Changed, today); err != nil {
		return err
	}
	h.asked = h.asked || s.named != ""
	if h.work.UnitsPerMonth().Sign() == 0 {
		return usage("leave --volume out to see the break-even alone", "a volume of nothing cannot be compared")
	}
	return nil
}

// cost reads what hosting costs: the total, or GPUs and work.
func (s *selfhostCommand) cost(cmd *cobra.Command, h *hosting) error {
	if s.monthly != "" {
		for _, flag := range []string{"gpu", "count", "price", "redundancy", "labour", "maintenance"} {
			if cmd.Flags().Changed(flag) {
				return usage("leave one of them out: the total has everything in it", "--monthly and --%s cannot be used together", flag)
			}
		}
		total, err := costmodel.ParseUSD(s.monthly)
		h.Total = &total
		return hinted("monthly", err)
	}
	hardware := costmodel.DefaultHardware()
	h.GPUs, h.Copies = s.count, s.redundancy
	if s.redundancy < 1 {
		return usage("give 1, or 2 so that one may fail", "a redundancy of %d is not possible", s.redundancy)
	}
	if s.gpu != "" {
		gpu, ok := hardware.GPU(s.gpu)
		if !ok && s.price == "" {
			return usage("give its --price, or one of "+strings.Join(hardware.GPUs(), ", "), "no price is known for the GPU %q", s.gpu)
		}
		if ok {
			h.gpu = &gpu
		}
	}
	switch {
	case s.price != "":
		price, err := costmodel.ParseUSD(s.price)
		if err != nil {
			return hinted("price", err)
		}
		h.PerHour = price
	case h.gpu != nil:
		h.gpuPrice, h.PerHour = &h.gpu.Prices[0], h.gpu.Prices[0].PerHour
	default:
		return usage("such as --gpu h100 --count 2, or --monthly 2000", "give the GPUs or the whole of a month")
	}
	for _, part := range []struct {
		flag, text string
		to         **costmodel.USD
	}{{"labour", s.labour, &h.Labour}, {"maintenance", s.maintenance, &h.Maintenance}} {
		if part.text == "" {
			continue
		}
		usd, err := costmodel.ParseUSD(part.text)
		if err != nil {
			return hinted(part.flag, err)
		}
		*part.to = &usd
	}
	return nil
}

// capacity reads or looks up what the GPUs can serve.
func (s *selfhostCommand) capacity(h *hosting) error {
	share, err := costmodel.ParseFraction(s.utilisation)
	if err != nil {
		return hinted("utilisation", err)
	}
	h.Utilisation = exactly(share)
	switch {
	case s.throughput != "" && s.serve != "":
		return usage("leave one of them out", "--serve and --throughput cannot be used together")
	case s.throughput != "":
		v, err := above0("throughput", s.throughput)
		if err != nil {
			return err
		}
		h.OutputPerSecond = exactly(v)
		return nil
	case s.serve == "":
		h.notes = append(h.notes, "whether it fits is unknown without --throughput, or --serve with --gpu, --in and --out")
		return nil
	}
	return s.lookUp(h)
}

// lookUp finds the throughput of a model that is known, for the shape of the
// items; each set of GPUs that it takes to serve the model adds the same again.
func (s *selfhostCommand) lookUp(h *hosting) error {
	hardware := costmodel.DefaultHardware()
	input, perRequest := h.work.RequestInput()
	known := false
	for _, m := range hardware.Served() {
		known = known || strings.EqualFold(m, s.serve)
	}
	switch {
	case !known:
		return usage("give --throughput, or one of "+strings.Join(hardware.Served(), ", "), "no throughput is known for %q", s.serve)
	case h.gpu == nil:
		return usage("name it with --gpu", "the throughput of %s depends on the GPU", s.serve)
	case !perRequest:
		return usage("give --in and --out", "the throughput of %s depends on the shape of the requests", s.serve)
	}
	length := roundedUp(input)
	t, ok := hardware.Throughput(s.serve, h.gpu.ID, s.count, length)
	if !ok {
		h.notes = append(h.notes, fmt.Sprintf("no throughput is known for %s on %d %s with prompts of %d tokens: measure it and give --throughput",
			s.serve, s.count, h.gpu.Name, length))
		return nil
	}
	h.throughput = &t
	sets := s.count / t.GPUs
	h.OutputPerSecond = big.NewRat(t.OutputPerSecond*int64(sets), 1)
	if left := s.count - sets*t.GPUs; left > 0 {
		h.Serving = sets * t.GPUs
		h.notes = append(h.notes, fmt.Sprintf("%d of the GPUs serve nothing: the throughput is of %d together", left, t.GPUs))
	}
	return nil
}
