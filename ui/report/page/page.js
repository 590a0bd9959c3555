"use strict";
// Amounts are exact here too: a number is a fraction of two BigInts, [over, under].
(function () {
  const model = JSON.parse(document.getElementById("costping-model").textContent);
  const zero = [0n, 1n], one = [1n, 1n];
  const read = (text) => { const [n, d] = text.split("/"); return [BigInt(n), BigInt(d || "1")]; };
  const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
  const lowest = ([n, d]) => { const g = gcd(n, d) || 1n; return [n / g, d / g]; };
  const add = (a, b) => lowest([a[0] * b[1] + b[0] * a[1], a[1] * b[1]]);
  const sub = (a, b) => add(a, [-b[0], b[1]]);
  const mul = (a, b) => lowest([a[0] * b[0], a[1] * b[1]]);
  const cmp = (a, b) => { const d = a[0] * b[1] - b[0] * a[1]; return d < 0n ? -1 : d > 0n ? 1 : 0; };
  const near = (a) => Number(a[0] * 1000000n / a[1]) / 1e6;
  // Rounded half away from zero, with commas.
  const format = (a, places) => {
    const scale = 10n ** BigInt(places);
    const negative = a[0] < 0n;
    const n = negative ? -a[0] : a[0];
    const rounded = (n * scale * 2n + a[1]) / (a[1] * 2n);
    let digits = rounded.toString().padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
    if (rounded === 0n && n > 0n) return "<0." + "0".repeat(places - 1) + "1";
    return (negative && rounded ? "-" : "") + whole + "." + digits.slice(digits.length - places);
  };
  // A rate is null where unknown, "none" where there is no such charge.
  const pick = (special, plain) => special === "none" ? plain : special;
  const base = {};
  for (const key of ["tokens", "split", "cached", "written", "batch", "retries", "reviews", "days"]) base[key] = read(model.workload[key]);
  const length = model.workload.item === null ? null : read(model.workload.item);

  // project is what a day costs, null where that is unknown.
  function project(row, w) {
    if (row.fixed !== null) return row.fixed === "?" ? null : add(read(row.fixed), w.reviews);
    let rates = row.rates;
    if (length !== null) {
      const input = mul(length, w.split);
      for (const tier of row.tiers) if (cmp(input, [BigInt(tier.above), 1n]) > 0) rates = tier.rates;
    }
    const input = mul(w.tokens, w.split), output = mul(w.tokens, sub(one, w.split));
    const cached = mul(input, w.cached), written = mul(input, w.written);
    const parts = [
      [sub(sub(input, cached), written), rates.input], [cached, pick(rates.cached, rates.input)],
      [written, pick(rates.write, rates.input)], [output, rates.output],
      [row.thinking === null ? zero : mul(sub(read(row.thinking), one), output), pick(rates.reasoning, rates.output)],
    ];
    let sum = zero;
    for (const [tokens, rate] of parts) {
      if (tokens[0] === 0n || rate === "none") continue;
      if (rate === null) return null;
      sum = add(sum, mul(mul(tokens, read(rate)), [1n, 1000000n]));
    }
    if (w.batch[0] > 0n && w.tokens[0] > 0n) {
      if (row.batch === null) return null;
      if (row.batch !== "none") sum = add(sum, mul(sum, mul(w.batch, sub(read(row.batch), one))));
    }
    return add(add(sum, mul(sum, w.retries)), w.reviews);
  }

  const steps = ["1/10", "1/8", "3/20", "1/5", "1/4", "3/10", "2/5", "1/2", "3/5", "7/10", "4/5", "9/10", "1", "5/4", "3/2", "2", "5/2", "3", "4", "5", "6", "7", "8", "9", "10"].map(read);
  const shares = { output: 100, cached: 100, batch: 100, retries: 200 };
  const state = { volume: one, output: null, cached: null, batch: null, retries: null };
  const $ = (id) => document.getElementById(id);
  const percent = (a) => { const v = near(mul(a, [100n, 1n])); return (Math.round(v * 100) / 100) + " %"; };

  function workload() {
    return {
      tokens: mul(base.tokens, state.volume), reviews: mul(base.reviews, state.volume),
      split: state.output === null ? base.split : sub(one, state.output),
      cached: state.cached || base.cached, written: base.written,
      batch: state.batch || base.batch, retries: state.retries || base.retries,
    };
  }
  const turned = () => cmp(state.volume, one) !== 0 || Object.keys(shares).some((k) => state[k] !== null);

  function show() {
    const w = workload();
    $("volume-out").textContent = "× " + Math.round(near(state.volume) * 100) / 100;
    $("output-out").textContent = percent(sub(one, w.split));
    for (const key of ["cached", "batch", "retries"]) $(key + "-out").textContent = percent(w[key]);
    let best = null;
    for (const tr of document.querySelectorAll("#models tbody tr")) {
      const row = model.rows[Number(tr.dataset.row)];
      const day = project(row, w);
      const cells = { day: [day, 3], month: [day && mul(day, base.days), 2] };
      for (const [key, [usd, places]] of Object.entries(cells)) {
        const cell = tr.querySelector("[data-key=" + key + "]");
        if (usd !== null) { cell.textContent = format(usd, places); cell.dataset.value = near(usd); }
        else { cell.textContent = row.fixed === "?" ? "local" : "?"; cell.dataset.value = ""; }
        cell.classList.toggle("changed", turned());
        const most = key === "day" ? row.mostDay : row.mostMonth;
        cell.classList.toggle("over", most !== null && usd !== null && cmp(usd, read(most)) > 0);
      }
      const fits = day !== null && row.can &&
        (row.mostDay === null || cmp(day, read(row.mostDay)) <= 0) && (row.mostMonth === null || cmp(mul(day, base.days), read(row.mostMonth)) <= 0);
      if (fits && (best === null || cmp(day, best.day) < 0)) best = { name: row.target, day };
    }
    const sorted = document.querySelector("#models thead th[aria-sort][data-turns]");
    if (sorted) sortRows(sorted); // the knobs may have changed the order
    $("back").hidden = !turned();
    $("now").textContent = !turned() ? "As it was recorded." : best === null ? "Nothing is inside the limits now." :
      "Cheapest inside the limits now: " + best.name + " at $" + format(mul(best.day, base.days), 2) + " a month.";
    if (turned()) $("now").textContent += " The verdicts below are those of the record.";
  }

  const place = (key, value) => { $(key).value = String(value); };
  function reset() {
    state.volume = one; for (const key of Object.keys(shares)) state[key] = null;
    place("volume", 12);
    place("output", Math.round(near(mul(sub(one, base.split), [100n, 1n]))));
    for (const key of ["cached", "batch", "retries"]) place(key, near(mul(base[key], [100n, 1n])));
  }
  // A fraction of the address turns the knobs: #volume=2&output=40.
  function fromAddress() {
    for (const part of location.hash.slice(1).split("&")) {
      const [key, value] = part.split("=");
      const m = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(value || "");
      if (!m) continue;
      const number = [BigInt(m[1] + (m[2] || "")), 10n ** BigInt((m[2] || "").length)];
      if (key === "volume") { state.volume = number; place("volume", steps.filter((s, i) => i > 0 && cmp(s, number) <= 0).length); }
      if (key in shares && cmp(number, [100n, 1n]) <= 0) { state[key] = mul(number, [1n, 100n]); place(key, near(number)); }
    }
    most();
  }
  // What is read from the cache and written to it are parts of one whole.
  function most() {
    const room = sub(one, base.written);
    if (state.cached !== null && cmp(state.cached, room) > 0) { state.cached = room; place("cached", near(mul(room, [100n, 1n]))); }
  }
  $("volume").addEventListener("input", (e) => { state.volume = steps[Number(e.target.value)]; show(); });
  for (const key of Object.keys(shares)) {
    $(key).addEventListener("input", (e) => { state[key] = [BigInt(Math.round(Number(e.target.value) * 2)), 200n]; most(); show(); });
  }
  $("back").addEventListener("click", () => { reset(); show(); });

  // sortRows puts the rows into the order that a heading says it has.
  function sortRows(th) {
    const body = document.querySelector("#models tbody");
    const column = th.cellIndex, down = th.getAttribute("aria-sort") === "descending", number = th.dataset.sort === "number";
    const of = (tr) => { const c = tr.children[column]; return number ? c.dataset.value : c.textContent; };
    const order = (a, b) => {
      const x = of(a), y = of(b);
      if (number && (x === "" || y === "")) return (x === "") - (y === ""); // unknown is last, whichever way
      const by = number ? Number(x) - Number(y) : x.localeCompare(y);
      return down ? -by : by;
    };
    body.append(...[...body.children].sort(order));
  }
  document.querySelectorAll("#models thead th").forEach((th) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = th.textContent;
    th.textContent = "";
    th.append(button);
    button.addEventListener("click", () => {
      const down = th.getAttribute("aria-sort") === "ascending";
      document.querySelectorAll("#models thead th").forEach((other) => other.removeAttribute("aria-sort"));
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      sortRows(th);
    });
  });
  reset();
  fromAddress();
  $("knobs").hidden = false;
  show();
})();
