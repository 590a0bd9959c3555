package pricefeed

import (
	"cmp"
	"slices"

	"costping/costmodel"
)

// Book is a price book: what feeds have said of models, beside the catalog. The
// zero value is an empty one.
type Book struct {
	// models are in order of their IDs. Those that the catalog has too have of
	// themselves only what names them.
	models []costmodel.Model
}

// Over returns the catalog with the book laid over it.
func (b Book) Over(base *costmodel.Catalog) (*costmodel.Catalog, error) {
	if len(b.models) == 0 {
		return base, nil
	}
	return base.With(b.models)
}

func (b Book) clone() Book {
	models := slices.Clone(b.models)
	for i := range models {
		models[i].Prices = slices.Clone(models[i].Prices)
	}
	return Book{models}
}

func (b Book) find(id string) (int, bool) {
	return slices.BinarySearchFunc(b.models, id, func(m costmodel.Model, id string) int { return cmp.Compare(m.ID, id) })
}

// prices returns what the book has of a model by one source, as a copy.
func (b Book) prices(m costmodel.Model, source string) []costmodel.Price {
	i, ok := b.find(m.ID)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(b.models[i].Prices), func(p costmodel.Price) bool { return p.Source != source })
}

// put replaces what the book has of a model by one source.
func (b *Book) put(m costmodel.Model, source string, prices []costmodel.Price) {
	if len(prices) == 0 {
		return
	}
	i, ok := b.find(m.ID)
	if !ok {
		m.Aliases, m.Lists, m.Prices = nil, nil, nil
		b.models = slices.Insert(b.models, i, m)
	}
	others := slices.DeleteFunc(b.models[i].Prices, func(p costmodel.Price) bool { return p.Source == source })
	b.models[i].Prices = slices.Concat(others, prices)
	slices.SortStableFunc(b.models[i].Prices, func(p, q costmodel.Price) int {
		return cmp.Or(cmp.Compare(p.Source, q.Source), cmp.Compare(p.Service, q.Service), p.From.Compare(q.From))
	})
}
