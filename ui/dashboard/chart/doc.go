// Package chart draws the dashboard's charts: plain data in, text out.
//
// Its rules:
//
//   - A chart is a value with a Render: exactly height lines of exactly width
//     cells at any size, no I/O, no clock, no panic whatever the figures. What is
//     not finite, or not above zero on a logarithmic axis, is not drawn.
//   - A gap is a gap: nothing is drawn where nothing was measured.
//   - A line is known by its letter; colour only helps.
//   - Where room is short the chart gives up the lower axis, then the words at
//     the lines' ends, then the left axis: never the lines.
//   - No axis begins at zero unless its values do: bars and costs over shares.
//
// ntcharts serves for the braille patterns. Its charts are not used: their axes
// are linear and label every value with whole numbers or whole seconds, they
// have no gaps, their cells are rendered style by style, which alone takes longer
// than a frame may, and its canvas brings Bubble Tea and a goroutine a chart.
package chart
