// The sliders of a published page: answers between nodes are the cubic Hermite curves of studies/slider_grid.py.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("grid").textContent);
  const place = document.getElementById("move");

  /** Return a curve's value at a point inside its range. */
  function hermite(nodes, [values, slopes], at) {
    let k = 0;
    while (k < nodes.length - 2 && nodes[k + 1] <= at) k += 1;
    const h = nodes[k + 1] - nodes[k], t = (at - nodes[k]) / h;
    return values[k] * (1 + 2 * t) * (1 - t) ** 2 + slopes[k] * h * t * (1 - t) ** 2
      + values[k + 1] * t * t * (3 - 2 * t) + slopes[k + 1] * h * t * t * (t - 1);
  }
  const number = (grid, scenario, name, at) => {
    const curve = grid.numbers[scenario][name];
    if (!curve) return NaN;
    const value = hermite(grid.nodes, curve, at);
    return value === null || Number.isNaN(value) ? NaN : value;
  };

  function dollars(millions) {
    const size = Math.abs(millions);
    if (size >= 999.5) return `US$${(size / 1e3).toFixed(1)} billion`;
    return size >= 9.95 ? `US$${size.toFixed(0)} million` : `US$${size.toFixed(1)} million`;
  }
  const percent = (value) => `${Math.abs(value) >= 0.1 ? Math.abs(value).toFixed(1) : Number(Math.abs(value).toPrecision(2))}%`;
  const listed = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };

  function sentences(grid, scenario, at) {
    const get = (name) => number(grid, scenario, name, at);
    if (Number.isNaN(get(`ev:${data.parties[0][0]}`))) return ["There is no equilibrium at this size."];
    const gains = data.parties.map(([code, spoken]) => {
      const money = get(`ev:${code}`);
      return Math.abs(get(`pct:${code}`)) < grid.noise ? `${spoken} is unaffected` : `${spoken} ${money > 0 ? "gains" : "loses"} ${dollars(money)}`;
    });
    const out = [`${capital(listed(gains))} a year.`];
    const price = get("price"), output = get("output");
    if (data.industry && !Number.isNaN(price))
      out.push(`Buyers in ${data.industry.country} pay ${percent(price)} ${price > 0 ? "more" : "less"} for ${data.industry.goods}; output there ${output > 0 ? "rises" : "falls"} by ${percent(output)}.`);
    const rents = data.holders.map(([code, spoken]) => [get(`rent:${code}`), spoken]).filter(([money]) => money > 0.5);
    if (rents.length) out.push(`Quota rent, by who holds it: ${listed(rents.map(([money, spoken]) => `${spoken} ${dollars(money)}`))}.`);
    const duties = data.holders.map(([code, spoken]) => [get(`duty:${code}`), spoken]).filter(([money]) => Math.abs(money) > 0.5);
    if (duties.length) out.push(`Duties collected: ${listed(duties.map(([money, spoken]) => `${spoken} ${dollars(money)} ${money > 0 ? "more" : "less"}`))}.`);
    return out;
  }

  /** Bars of equivalent variation, on one scale for the whole range of the slider. */
  function bars(grid, scenario, at) {
    const list = element("div");
    list.className = "bars";
    for (const [code, , label] of data.parties) {
      const money = number(grid, scenario, `ev:${code}`, at);
      if (Number.isNaN(money)) continue;
      const row = element("div"), track = element("span"), bar = element("i");
      track.className = "track";
      const part = Math.min(50, 50 * Math.abs(money) / grid.widest);
      bar.className = money < 0 ? "loss" : "gain";
      bar.style.width = `${part}%`;
      bar.style.left = money < 0 ? `${50 - part}%` : "50%";
      track.append(bar);
      row.append(element("span", label), track, element("b", `${money < 0 ? "−" : "+"}${dollars(money)}`));
      list.append(row);
    }
    list.setAttribute("aria-hidden", "true"); // the sentences say the same
    return list;
  }

  function show(grid, at, answers, shown) {
    shown.textContent = `${(100 * at).toFixed(at * 100 % 1 ? 1 : 0)}%${Math.abs(at - grid.stated) < 1e-9 ? " (as in the question)" : ""}`;
    answers.replaceChildren(...grid.scenarios.map((name) => element("section", "",
      element("h3", data.titles[name]), ...sentences(grid, name, at).map((line) => element("p", line)), bars(grid, name, at))));
  }

  for (const [k, grid] of data.grids.entries()) {
    const box = element("fieldset", "", element("legend", grid.title));
    const input = element("input"), shown = element("output"), answers = element("div");
    Object.assign(input, { type: "range", id: `slider-${k}`, min: 0, max: grid.steps.length - 1, step: 1 });
    input.value = grid.steps.findIndex((value) => Math.abs(value - grid.stated) < 1e-9);
    const label = element("label", `${grid.field}: `);
    label.htmlFor = input.id;
    answers.setAttribute("aria-live", "polite");
    const update = () => {
      const at = grid.steps[Number(input.value)];
      show(grid, at, answers, shown);
      input.setAttribute("aria-valuetext", shown.textContent);
    };
    input.addEventListener("input", update);
    const note = element("p", grid.note);
    note.className = "note";
    box.append(label, shown, input, answers, note);
    // The first is open; the others open on a click.
    place.append(k === 0 ? box : element("details", "", element("summary", grid.title), box));
    update();
  }
  window.entrepot = { data, number: (k, scenario, name, at) => number(data.grids[k], scenario, name, at) };
})();
