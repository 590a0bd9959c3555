package dashboard

func probesScreen() page { return placeholder("Probes", split) }
