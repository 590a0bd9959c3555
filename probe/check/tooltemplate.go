package check

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"costping/probe"
)

// toolTemplate makes cases of one set of tools.
type toolTemplate struct {
	name  string
	tools []probe.Tool
	// make gives the request, the calls, and a value that makes the first one wrong.
	make func(*rand.Rand) (text string, steps []Step, wrong map[string]any)
}

func toolTemplates() []toolTemplate {
	return []toolTemplate{oneTool(), severalTools(), similarTools(), nestedArguments(), enumArguments(), noTool(), twoSteps()}
}

// ToolCases are n cases of the templates in turn. The same seed gives the same.
func ToolCases(seed uint64, n int) []ToolCase {
	cases := make([]ToolCase, n)
	for i := range cases {
		cases[i] = toolCase(seed, uint64(i))
	}
	return cases
}

func toolCase(seed, i uint64) ToolCase {
	templates := toolTemplates()
	t := templates[i%uint64(len(templates))]
	text, steps, wrong := t.make(rand.New(rand.NewPCG(seed, i)))
	c := ToolCase{
		ID: fmt.Sprintf("%s-%d", t.name, i), Tools: t.tools, Steps: steps,
		Prompt: fmt.Sprintf("Request %x-%d. Use a tool where one fits, with the values as they are written here. %s", seed, i, text),
	}
	if err := c.finish(); err != nil {
		panic("the tools of " + t.name + ": " + err.Error()) // ours, and tested
	}
	if len(steps) > 0 {
		var values map[string]any
		_ = json.Unmarshal(steps[0].Arguments, &values)
		c.wrong = changed(values, wrong)
	}
	return c
}

func tool(name, about, properties, required string) probe.Tool {
	return probe.Tool{Name: name, Description: about, Parameters: json.RawMessage(
		`{"type":"object","properties":{` + properties + `},"required":[` + required + `],"additionalProperties":false}`)}
}

func step(name string, arguments map[string]any, result string) Step {
	return Step{Name: name, Arguments: json.RawMessage(changed(arguments, nil)), Result: result}
}

func oneTool() toolTemplate {
	return toolTemplate{
		name: "one-tool",
		tools: []probe.Tool{
			tool("get_weather", "Get the weather of a city now.", `"city":{"type":"string"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}`, `"city","unit"`),
		},
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			city, unit := pick(rng, []string{"Lisbon", "Osaka", "Nairobi", "Quito"}), pick(rng, []string{"celsius", "fahrenheit"})
			return fmt.Sprintf("What is the weather in %s, in %s?", city, unit),
				[]Step{step("get_weather", map[string]any{"city": city, "unit": unit}, "")}, map[string]any{"city": "Nowhere"}
		},
	}
}

// desk are the tools of a shop's desk.
func desk() []probe.Tool {
	return []probe.Tool{
		tool("refund_order", "Pay the price of an order back.", `"order_id":{"type":"string"},"amount":{"type":"number","minimum":0}`, `"order_id","amount"`),
		tool("create_ticket", "Open a ticket for a customer.", `"customer_id":{"type":"string"},"subject":{"type":"string"}`, `"customer_id","subject"`),
		tool("find_customer", "Find the id of a customer by e-mail address.", `"email":{"type":"string"}`, `"email"`),
	}
}

func severalTools() toolTemplate {
	return toolTemplate{
		name: "several-tools", tools: desk(),
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			order, amount := fmt.Sprintf("O-%05d", rng.IntN(100_000)), decimalOf(100+rng.IntN(20_000))
			return fmt.Sprintf("Pay back order %s: the amount is %s.", order, amount),
				[]Step{step("refund_order", map[string]any{"order_id": order, "amount": amount}, "")}, map[string]any{"order_id": "O-0"}
		},
	}
}

func similarTools() toolTemplate {
	return toolTemplate{
		name: "similar-tools",
		tools: []probe.Tool{
			tool("search_orders", "Search the orders that a customer has placed, by the customer's id.", `"customer_id":{"type":"string"}`, `"customer_id"`),
			tool("search_offers", "Search the offers that a customer has been sent, by the customer's id.", `"customer_id":{"type":"string"}`, `"customer_id"`),
			tool("search_invoices", "Search the invoices that a customer has been sent, by the customer's id.", `"customer_id":{"type":"string"}`, `"customer_id"`),
		},
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			customer := fmt.Sprintf("C-%04d", rng.IntN(10_000))
			what := pick(rng, []string{"orders", "offers", "invoices"})
			return fmt.Sprintf("Which %s are there of customer %s?", what, customer),
				[]Step{step("search_"+what, map[string]any{"customer_id": customer}, "")}, map[string]any{"customer_id": "C-0"}
		},
	}
}

func nestedArguments() toolTemplate {
	return toolTemplate{
		name: "nested-arguments",
		tools: []probe.Tool{
			tool("schedule_meeting", "Put a meeting into the calendar.",
				`"title":{"type":"string"},"slot":{"type":"object","properties":{"day":{"type":"string"},"hour":{"type":"integer","minimum":0,"maximum":23}},`+
					`"required":["day","hour"],"additionalProperties":false},"guests":{"type":"array","items":{"type":"string"}}`, `"title","slot","guests"`),
			tool("cancel_meeting", "Take a meeting out of the calendar.", `"title":{"type":"string"}`, `"title"`),
		},
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			title, day := pick(rng, []string{"Budget", "Retrospective", "Hiring"}), pick(rng, []string{"monday", "tuesday", "friday"})
			hour, a, b := 8+rng.IntN(10), people[rng.IntN(6)], people[6+rng.IntN(6)]
			return fmt.Sprintf("Schedule the meeting %s on %s at hour %d, with the guests %s and %s in this order.", title, day, hour, a, b),
				[]Step{step("schedule_meeting", map[string]any{
					"title": title, "slot": map[string]any{"day": day, "hour": hour}, "guests": []string{a, b},
				}, "")}, map[string]any{"title": "Nothing"}
		},
	}
}

func enumArguments() toolTemplate {
	return toolTemplate{
		name: "enum-arguments",
		tools: []probe.Tool{
			tool("set_thermostat", "Set the heating of a room.",
				`"room":{"type":"string","enum":["kitchen","office","hall"]},"mode":{"type":"string","enum":["heat","cool","off"]},"degrees":{"type":"integer","minimum":5,"maximum":30}`,
				`"room","mode","degrees"`),
			tool("read_thermostat", "Read the temperature of a room.", `"room":{"type":"string","enum":["kitchen","office","hall"]}`, `"room"`),
		},
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			room, mode, degrees := pick(rng, []string{"kitchen", "office", "hall"}), pick(rng, []string{"heat", "cool"}), 10+rng.IntN(15)
			return fmt.Sprintf("Set the thermostat of the %s to %s, %d degrees.", room, mode, degrees),
				[]Step{step("set_thermostat", map[string]any{"room": room, "mode": mode, "degrees": degrees}, "")}, map[string]any{"degrees": 30}
		},
	}
}

func noTool() toolTemplate {
	return toolTemplate{
		name: "no-tool", tools: desk(),
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			a, b := 2+rng.IntN(40), 2+rng.IntN(40)
			return fmt.Sprintf("No customer is involved here. Just say how much %d and %d are together.", a, b), nil, nil
		},
	}
}

func twoSteps() toolTemplate {
	return toolTemplate{
		name: "two-steps", tools: desk(),
		make: func(rng *rand.Rand) (string, []Step, map[string]any) {
			email, id := fmt.Sprintf("user%d@example.com", rng.IntN(100_000)), fmt.Sprintf("C-%04d", rng.IntN(10_000))
			subject := pick(rng, []string{"late delivery", "broken lid", "wrong colour"})
			return fmt.Sprintf("Open a ticket with the subject %s for the customer whose e-mail address is %s. Look the customer's id up first.", subject, email),
				[]Step{
					step("find_customer", map[string]any{"email": email}, changed(map[string]any{"customer_id": id}, nil)),
					step("create_ticket", map[string]any{"customer_id": id, "subject": subject}, ""),
				}, map[string]any{"email": "nobody@example.com"}
		},
	}
}
