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
//   - Bars begin at zero; other axes where their figures do.
//
// ntcharts serves for the braille patterns. Its charts are not used: their axes
// are linear, their times whole seconds and their labels whole numbers, they have
// no gaps, and they render each cell by itself: 17 ms for 200x60 coloured cells,
// of the 2 that a frame may take. Its canvas brings Bubble Tea with it, too.
package chart
