package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"costping/costmodel"

	"github.com/spf13/cobra"
)

// itemFlags are a workload that may be given in items, each of so many tokens.
type itemFlags struct {
	workloadFlags
	in, out string
}

func (f *itemFlags) add(cmd *cobra.Command) {
	f.workloadFlags.add(cmd)
	cmd.Flags().StringVar(&f.in, "in", "", "input tokens of one item, such as 1500 (with --out)")
	cmd.Flags().StringVar(&f.out, "out", "", "output tokens of one item, such as 500 (with --in)")
	cmd.Flags().Lookup("volume").Usage = "tokens, or items with --in and --out: 10M/day, 8000 documents/day"
}

// items is a workload, and what its items are where they were given.
type items struct {
	costmodel.Workload
	// shape is nil where only tokens were given, volume where only their shape was.
	shape  *costmodel.Shape
	volume *costmodel.ItemVolume
}

// parse reads the flags; cmd says which of them were given.
func (f *itemFlags) parse(cmd *cobra.Command) (items, error) {
	if f.in == "" && f.out == "" {
		return f.parseTokens()
	}
	shape, err := f.shape()
	if err != nil {
		return items{}, err
	}
	if cmd.Flags().Changed("split") {
		return items{}, usage("leave one of them out", "--split and --in with --out cannot be used together")
	}
	if !cmd.Flags().Changed("volume") {
		w, err := f.workload()
		w.Split = shape.Split()
		return items{Workload: w, shape: &shape}, err
	}
	volume, err := costmodel.ParseItemVolume(f.volume)
	if err != nil {
		return items{}, err
	}
	days, err := costmodel.ParseDaysPerMonth(f.days)
	if err != nil {
		return items{}, err
	}
	w, err := shape.Workload(volume, days)
	return items{Workload: w, shape: &shape, volume: &volume}, err
}

// parseTokens reads a volume of tokens.
func (f *itemFlags) parseTokens() (items, error) {
	w, err := f.workload()
	if _, notItems := costmodel.ParseItemVolume(f.volume); err != nil && notItems == nil {
		return items{}, usage("add the tokens of one item, such as --in 500 --out 200", "the volume %q is in items", f.volume)
	}
	return items{Workload: w}, err
}

func (f *itemFlags) shape() (shape costmodel.Shape, err error) {
	if f.in == "" || f.out == "" {
		return shape, usage("give both, such as --in 500 --out 200", "--in and --out belong together")
	}
	if shape.In, err = costmodel.ParseTokens(f.in); err != nil {
		return shape, err
	}
	if shape.Out, err = costmodel.ParseTokens(f.out); err != nil {
		return shape, err
	}
	if shape.Tokens() == 0 {
		return shape, usage("give the tokens of one item, such as --in 500 --out 200", "an item has no tokens")
	}
	return shape, nil
}

// price is the price that the items are billed at.
func (i items) price(p costmodel.Price) costmodel.Price {
	if i.shape == nil {
		return p
	}
	return i.shape.PriceOf(p)
}

// String is the workload as it was given.
func (i items) String() string {
	switch {
	case i.volume != nil:
		// The shares of an item seldom have an end: 1 in 3 is left unsaid.
		return i.volume.String() + " × (" + i.shape.String() + ") = " + i.Volume.String()
	case i.shape != nil:
		return i.Volume.String() + " in items of " + i.shape.String()
	}
	return i.Workload.String()
}

// number reads a number above 0 that is no money.
func number(flag, text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v <= 0 {
		return 0, usage("give a number above 0", "--%s cannot be %q", flag, text)
	}
	return v, nil
}

// named splits MODEL=VALUE.
func named(flag, text, example string) (name, value string, err error) {
	name, value, ok := strings.Cut(text, "=")
	if name, value = strings.TrimSpace(name), strings.TrimSpace(value); !ok || name == "" || value == "" {
		return "", "", usage("write it as "+example, "--%s %q does not name a model and a value", flag, text)
	}
	return name, value, nil
}

// unknownModel says that the catalog has no such model, and what was perhaps meant.
func unknownModel(name string) error {
	hint := "run costping cost to see the models of the catalog"
	if near := costmodel.Default().Nearest(name, 3); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, ", ") + "?"
	}
	return usage(hint, "unknown model %q", name)
}

// hinted adds the flag to an input error of the packages below.
func hinted(flag string, err error) error {
	var input *costmodel.InputError
	if errors.As(err, &input) {
		return usage(input.Hint, "--%s: %s", flag, input.What)
	}
	return err
}
