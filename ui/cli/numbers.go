package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"costping/costmodel"
)

// above0 reads a number above 0 that is no money.
func above0(flag, text string) (float64, error) {
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

// hinted adds the flag to an input error of the packages below.
func hinted(flag string, err error) error {
	var input *costmodel.InputError
	if errors.As(err, &input) {
		return usage(input.Hint, "--%s: %s", flag, input.What)
	}
	return err
}
