package check

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// schemaTemplate makes cases of one schema. make gives a text, the values in it, and
// changes that make them wrong, or break a range or a list.
type schemaTemplate struct {
	name, schema string
	make         func(*rand.Rand) (text string, values, wrong, outside map[string]any)
}

func schemaTemplates() []schemaTemplate {
	return []schemaTemplate{callCompliance(), invoice(), ticket(), shelves(), sensor()}
}

// SchemaCases are n cases of the templates in turn. The same seed gives the same.
func SchemaCases(seed uint64, n int) []SchemaCase {
	cases := make([]SchemaCase, n)
	for i := range cases {
		cases[i] = schemaCase(seed, uint64(i))
	}
	return cases
}

func schemaCase(seed, i uint64) SchemaCase {
	templates := schemaTemplates()
	t := templates[i%uint64(len(templates))]
	text, values, wrong, outside := t.make(rand.New(rand.NewPCG(seed, i)))
	c := SchemaCase{ID: fmt.Sprintf("%s-%d", t.name, i), Schema: json.RawMessage(t.schema)}
	c.wrong, c.outside = changed(values, wrong), changed(values, outside)
	task := fmt.Sprintf("Put record %x-%d into JSON. Every value is in the text; take it over as it is written.\n\n%s", seed, i, text)
	if err := c.finish(task, json.RawMessage(changed(values, nil))); err != nil {
		panic("the schema of " + t.name + ": " + err.Error()) // ours, and tested
	}
	return c
}

// changed is values as JSON, some of them others.
func changed(values, others map[string]any) string {
	all := map[string]any{}
	for k, v := range values {
		all[k] = v
	}
	for k, v := range others {
		all[k] = v
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // maps of plain values
	}
	return string(b)
}

func pick[T any](rng *rand.Rand, all []T) T { return all[rng.IntN(len(all))] }

// some are a few of all, in their order.
func some(rng *rand.Rand, all []string) []string {
	chosen := []string{}
	for _, s := range all {
		if rng.IntN(2) == 0 {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// decimalOf is a number with so many places, written as it stands in the text.
func decimalOf(hundredths int) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100))
}

var people = []string{
	"Amara Osei", "Bruno Keller", "Chen Wei", "Dalia Haddad", "Elin Berg", "Farid Nazari", "Greta Lind", "Hugo Prado",
	"Ines Carvalho", "Jonas Vogt", "Kira Sato", "Luca Moretti",
}

func callCompliance() schemaTemplate {
	return schemaTemplate{
		name: "call-compliance",
		schema: `{"type":"object","properties":{"agent_name":{"type":"string"},"call_id":{"type":"string"},` +
			`"score":{"type":"number","minimum":0,"maximum":1},"violations":{"type":"array","items":{"type":"string"}},` +
			`"recommended_action":{"type":"string"}},"required":["agent_name","call_id","score","violations","recommended_action"],"additionalProperties":false}`,
		make: func(rng *rand.Rand) (string, map[string]any, map[string]any, map[string]any) {
			agent, call, score := pick(rng, people), fmt.Sprintf("CALL-%05d", rng.IntN(100_000)), decimalOf(rng.IntN(101))
			found := some(rng, []string{"no recording notice", "identity not verified", "fee not disclosed", "caller interrupted"})
			action := pick(rng, []string{"none", "coach the agent", "call the customer back", "escalate to legal"})
			listed := "none, so the list is empty"
			if len(found) > 0 {
				listed = strings.Join(found, "; ")
			}
			text := fmt.Sprintf("The call %s was taken by %s. Reviewers gave it a score of %s. Violations: %s. Recommended action: %s.",
				call, agent, score, listed, action)
			return text, map[string]any{
				"agent_name": agent, "call_id": call, "score": score, "violations": found, "recommended_action": action,
			}, map[string]any{"agent_name": "Nobody"}, map[string]any{"score": 1.5}
		},
	}
}

func invoice() schemaTemplate {
	return schemaTemplate{
		name: "invoice",
		schema: `{"type":"object","properties":{"invoice_number":{"type":"string"},"currency":{"type":"string","enum":["EUR","USD","GBP","JPY"]},` +
			`"net":{"type":"number","minimum":0},"tax_percent":{"type":"integer","minimum":0,"maximum":30},"due_days":{"type":"integer","minimum":0},` +
			`"paid":{"type":"boolean"}},"required":["invoice_number","currency","net","tax_percent","due_days","paid"],"additionalProperties":false}`,
		make: func(rng *rand.Rand) (string, map[string]any, map[string]any, map[string]any) {
			number, currency := fmt.Sprintf("INV-%04d/%02d", rng.IntN(10_000), rng.IntN(100)), pick(rng, []string{"EUR", "USD", "GBP", "JPY"})
			net, tax, due, paid := decimalOf(100+rng.IntN(900_000)), rng.IntN(26), pick(rng, []int{7, 14, 30, 60}), rng.IntN(2) == 0
			state := "It has not been paid."
			if paid {
				state = "It has been paid."
			}
			text := fmt.Sprintf("Invoice %s is over %s %s before tax, with %d percent tax on top, and due within %d days. %s",
				number, net, currency, tax, due, state)
			return text, map[string]any{
				"invoice_number": number, "currency": currency, "net": net, "tax_percent": tax, "due_days": due, "paid": paid,
			}, map[string]any{"invoice_number": "INV"}, map[string]any{"currency": "XXX"}
		},
	}
}

func ticket() schemaTemplate {
	categories := []string{"billing", "login", "delivery", "refund", "other"}
	return schemaTemplate{
		name: "classification",
		schema: `{"type":"object","properties":{"category":{"type":"string","enum":["billing","login","delivery","refund","other"]},` +
			`"urgency":{"type":"string","enum":["low","normal","high"]},"customer":{"type":"string"}},` +
			`"required":["category","urgency","customer"],"additionalProperties":false}`,
		make: func(rng *rand.Rand) (string, map[string]any, map[string]any, map[string]any) {
			category, urgency, customer := pick(rng, categories), pick(rng, []string{"low", "normal", "high"}), pick(rng, people)
			text := fmt.Sprintf("%s wrote to the desk. The clerk filed it under %s and marked the urgency as %s.", customer, category, urgency)
			return text, map[string]any{"category": category, "urgency": urgency, "customer": customer},
				map[string]any{"customer": "Nobody"}, map[string]any{"category": "weather"}
		},
	}
}

func shelves() schemaTemplate {
	return schemaTemplate{
		name: "nested-lists",
		schema: `{"type":"object","properties":{"warehouse":{"type":"string"},"shelves":{"type":"array","items":{"type":"object","properties":{` +
			`"shelf":{"type":"string"},"items":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"string"},"count":{"type":"integer","minimum":0}},` +
			`"required":["sku","count"],"additionalProperties":false}}},"required":["shelf","items"],"additionalProperties":false}}},` +
			`"required":["warehouse","shelves"],"additionalProperties":false}`,
		make: func(rng *rand.Rand) (string, map[string]any, map[string]any, map[string]any) {
			warehouse := pick(rng, []string{"Rotterdam", "Lyon", "Gdansk", "Porto"})
			var text strings.Builder
			fmt.Fprintf(&text, "Stock of the warehouse %s.", warehouse)
			list := []any{}
			for s := range 1 + rng.IntN(3) {
				shelf, items := fmt.Sprintf("%c%d", 'A'+s, rng.IntN(10)), []any{}
				fmt.Fprintf(&text, " Shelf %s holds", shelf)
				for i := range 1 + rng.IntN(3) {
					sku, count := fmt.Sprintf("SKU-%03d", 100*s+10*i+rng.IntN(10)), rng.IntN(500)
					items = append(items, map[string]any{"sku": sku, "count": count})
					fmt.Fprintf(&text, " %d of %s,", count, sku)
				}
				text.WriteString(" nothing else.")
				list = append(list, map[string]any{"shelf": shelf, "items": items})
			}
			bad := []any{map[string]any{"shelf": "A0", "items": []any{map[string]any{"sku": "SKU-1", "count": -1}}}}
			return text.String(), map[string]any{"warehouse": warehouse, "shelves": list},
				map[string]any{"warehouse": "Nowhere"}, map[string]any{"shelves": bad}
		},
	}
}

func sensor() schemaTemplate {
	return schemaTemplate{
		name: "enums-and-ranges",
		schema: `{"type":"object","properties":{"sensor":{"type":"string"},"unit":{"type":"string","enum":["celsius","bar","percent"]},` +
			`"reading":{"type":"number","minimum":-50,"maximum":150},"battery_percent":{"type":"integer","minimum":0,"maximum":100},` +
			`"status":{"type":"string","enum":["ok","warning","failed"]}},"required":["sensor","unit","reading","battery_percent","status"],"additionalProperties":false}`,
		make: func(rng *rand.Rand) (string, map[string]any, map[string]any, map[string]any) {
			name, unit := fmt.Sprintf("S-%03d", rng.IntN(1000)), pick(rng, []string{"celsius", "bar", "percent"})
			reading, battery, status := decimalOf(rng.IntN(15_000)), rng.IntN(101), pick(rng, []string{"ok", "warning", "failed"})
			text := fmt.Sprintf("Sensor %s reads %s %s. Its battery is at %d percent, its status is %s.", name, reading, unit, battery, status)
			return text, map[string]any{
				"sensor": name, "unit": unit, "reading": reading, "battery_percent": battery, "status": status,
			}, map[string]any{"sensor": "S-none"}, map[string]any{"battery_percent": 250}
		},
	}
}
