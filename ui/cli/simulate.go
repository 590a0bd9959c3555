package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"

	"costping/probe"
	"costping/probe/check"
	"costping/probe/simulator"

	"github.com/spf13/cobra"
)

type simulateCommand struct {
	*app
	addr string
	seed uint64
	log  string
	key  string
	// dialects are names of simulator.Dialects.
	dialects []string
}

func newSimulate(a *app) *cobra.Command {
	s := &simulateCommand{app: a}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Run the simulator of eight models alone, an OpenAI-compatible server on loopback",
		Long: "simulate serves /v1/models, /v1/chat/completions and /v1/embeddings on loopback with scripted latencies,\n" +
			"until it is interrupted. The first line it prints ends in the base URL.",
		Example: "  costping simulate\n" +
			"  costping simulate --addr 127.0.0.1:8099 --seed 7 --log sent.jsonl",
		Args: a.noArgs,
		RunE: s.run,
	}
	cmd.Flags().StringVar(&s.addr, "addr", "127.0.0.1:0", "loopback address to listen on; port 0 picks a free one")
	cmd.Flags().Uint64Var(&s.seed, "seed", 0, "seed of every draw (0: another each time)")
	cmd.Flags().StringVar(&s.log, "log", "", "write what was really sent to this file, a JSON line a request; - for standard output")
	cmd.Flags().StringSliceVar(&s.dialects, "dialect", nil, "answer as a provider does, or with one of its quirks (repeatable): gemini, ollama, heartbeats, ...")
	cmd.Flags().StringVar(&s.key, "key-env", "", "variable that holds the key requests must carry")
	return cmd
}

func (s *simulateCommand) run(*cobra.Command, []string) error {
	key, err := keyOf(probe.Target{KeyEnv: s.key})
	if err != nil {
		return err
	}
	log := s.stdout
	scripts, err := s.scripts()
	if err != nil {
		return err
	}
	closeLog := func() {}
	if s.log != "-" {
		if log, closeLog, err = openLog(s.log); err != nil {
			return err
		}
	}
	defer closeLog()
	if s.seed == 0 {
		s.seed = rand.Uint64()
	}
	ctx, stop := interruptible(context.Background())
	defer stop()
	measuringThreads()
	server, err := simulator.Start(simulator.Options{Addr: s.addr, Seed: s.seed, Key: key, Log: log, Scripts: scripts, Know: check.Known})
	if err != nil {
		const hint = "give a free loopback address, such as 127.0.0.1:0"
		var taken *net.OpError
		if errors.As(err, &taken) && taken.Op == "listen" { // a good address that cannot be had
			return failed(hint, "%v", err)
		}
		return usage(hint, "%v", err)
	}
	_, err = fmt.Fprintf(s.stdout, "simulating %d models, seed %d, on %s\n", len(simulator.Reference()), s.seed, server.BaseURL())
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, server.Close())
}

// scripts are the shipped models in the dialects that were asked for.
func (s *simulateCommand) scripts() ([]simulator.Script, error) {
	scripts := append(simulator.Reference(), simulator.ReferenceEmbedding())
	for _, name := range s.dialects {
		dialect, ok := simulator.DialectNamed(name)
		if !ok {
			var names []string
			for _, d := range simulator.Dialects() {
				names = append(names, d.Name)
			}
			return nil, usage("the dialects are "+strings.Join(names, ", "), "unknown dialect %q", name)
		}
		for i := range scripts {
			dialect.Apply(&scripts[i])
		}
	}
	return scripts, nil
}
