// Package config reads the person's file: which targets there are and how they
// are to be probed.
//
// Its rules:
//
//   - The file is strict. An unknown key, a bad unit or two settings that
//     contradict each other are errors with file, line and column, as many at once
//     as there are; nothing starts on a file with an error.
//   - No key can be written into it: it says where one is to be had. Text that
//     looks like a key is refused and never repeated.
//   - What it does not say is the default of Default; a target without a price
//     has an unknown one, which is not a price of nothing.
package config
