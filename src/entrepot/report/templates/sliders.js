// The sliders of a published page: answers between nodes are the cubic Hermite curves of studies/slider_grid.py.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("grid").textContent);
  const place = document.getElementById("move");

  /** Return a curve's value at a point inside its range; NaN beside a node without an equilibrium, whose values are null. */
  function hermite(nodes, curve, at) {
    const [values, slopes] = curve.map((list) => list.map((value) => value ?? NaN));
    const solved = nodes.findIndex((node) => Math.abs(node - at) < 1e-9);
    if (solved >= 0) return values[solved];
    let k = 0;
    while (k < nodes.length - 2 && nodes[k + 1] <= at) k += 1;
    const h = nodes[k + 1] - nodes[k], t = (at - nodes[k]) / h;
    return values[k] * (1 + 2 * t) * (1 - t) ** 2 + slopes[k] * h * t * (1 - t) ** 2
      + values[k + 1] * t * t * (3 - 2 * t) + slopes[k + 1] * h * t * t * (t - 1);
  }
  const number = (grid, scenario, name, at) => {
    const curve = grid.numbers[scenario][name];
    return curve ? hermite(grid.nodes, curve, at) : NaN;
  };

  const words = data.words;
  const put = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const figure = (value, digits) => new Intl.NumberFormat(data.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  const percentSign = ["de", "es", "fr"].includes(data.language) ? "\u00a0%" : "%";

  /** Return an amount without its sign; data.units has the least amount of each unit, the size of the unit, below how many of
   * them there is a decimal, and the text. */
  function dollars(millions) {
    const size = Math.abs(millions);
    const [, unit, few, text] = data.units.find(([least]) => size >= least);
    return put(text, { n: figure(size / unit, size / unit < few ? 1 : 0) });
  }
  function percent(value) {
    const size = Math.abs(value);
    return (size >= 0.1 ? figure(size, 1) : new Intl.NumberFormat(data.language, { maximumSignificantDigits: 2 }).format(size)) + percentSign;
  }
  /** The least change that is shown, in US$ million and in percent: what is not noise at a solved value, the error of the curves
   * between them; and the least amount in a list of who collects, which leaves out what is small beside the gains. */
  function least(grid, at) {
    const solved = grid.nodes.some((node) => Math.abs(node - at) < 1e-9);
    const money = solved ? 0 : grid.error.money ?? 0;
    const listed = Math.max(grid.least, Math.min(0.5, 1e-4 * grid.widest), money);
    return { money, percent: solved ? grid.noise : Math.max(grid.noise, grid.error.percent ?? 0), listed };
  }
  const isUnchanged = (grid, scenario, code, at) =>
    Math.abs(number(grid, scenario, `pct:${code}`, at)) < grid.noise || Math.abs(number(grid, scenario, `ev:${code}`, at)) < least(grid, at).money;
  const way = (value, small) => (Math.abs(value) < small ? "same" : value > 0 ? "up" : "down");
  const listed = (items) => (items.length < 2 ? items.join("") : put(words.and, { first: items.slice(0, -1).join(words.comma), last: items.at(-1) }));
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const element = (name, text, ...children) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };

  const isStated = (grid, at) => Math.abs(at - grid.stated) < 1e-9;

  function sentences(grid, scenario, at) {
    const get = (name) => number(grid, scenario, name, at);
    if (Number.isNaN(get(`ev:${data.parties[0][0]}`))) return [words.none];
    const small = least(grid, at);
    const gains = data.parties.map(([code, spoken]) => {
      const money = get(`ev:${code}`);
      return isUnchanged(grid, scenario, code, at) ? put(words.same, { who: spoken }) : put(money > 0 ? words.gain : words.loss, { who: spoken, money: dollars(money) });
    });
    const isSame = data.parties.every(([code, spoken], k) => gains[k] === put(words.same, { who: spoken }));
    const out = [put(isSame ? words.ended : words.yearly, { text: capital(listed(gains)) })];
    if (data.open[scenario] && isStated(grid, at)) out.push(data.open[scenario]);
    const price = get("price"), output = get("output");
    if (data.industry && !Number.isNaN(price)) {
      const change = put(words[`output_${way(output, small.percent)}`], { output: percent(output) });
      out.push(put(words[`price_${way(price, small.percent)}`], { ...data.industry, price: percent(price), change }));
    }
    const rents = data.holders.map(([code, spoken]) => [get(`rent:${code}`), spoken]).filter(([money]) => money > small.listed);
    if (rents.length) out.push(put(words.rent, { list: listed(rents.map(([money, who]) => put(words.holds, { who, money: dollars(money) }))) }));
    for (const [kind, says] of [["duty", words.duties], ["tax", words.taxes], ["cost", words.costs]]) {
      const moved = data.holders.map(([code, spoken]) => [get(`${kind}:${code}`), spoken]).filter(([money]) => Math.abs(money) > small.listed);
      if (moved.length) out.push(put(says, { list: listed(moved.map(([money, who]) => put(money > 0 ? words.more : words.less, { who, money: dollars(money) }))) }));
    }
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
      const isSame = isUnchanged(grid, scenario, code, at);
      const part = isSame ? 0 : Math.min(50, 50 * Math.abs(money) / grid.widest);
      bar.className = money < 0 ? "loss" : "gain";
      bar.style.width = `${part}%`;
      bar.style.left = money < 0 ? `${50 - part}%` : "50%";
      track.append(bar);
      row.append(element("span", label), track, element("b", isSame ? put(data.units.at(-1)[3], { n: 0 }) : `${money < 0 ? "−" : "+"}${dollars(money)}`));
      list.append(row);
    }
    list.setAttribute("aria-hidden", "true"); // the sentences say the same
    return list;
  }

  function show(grid, at, answers, shown) {
    const tenths = Math.round(1000 * at);
    const number = figure(tenths / 10, tenths % 10 ? 1 : 0);
    const size = grid.points ? put(number === "1" ? words.point : words.points, { size: number }) : grid.scaled && !isStated(grid, at) ? put(words.scaled, { size: number + percentSign }) : number + percentSign;
    shown.textContent = isStated(grid, at) ? put(words.stated, { size }) : size;
    // A title is of the measure as the question has it.
    const titled = (name) => (isStated(grid, at) ? data.titles[name] : put(words.changed, { title: data.titles[name], now: `${grid.field}: ${size}` }));
    answers.replaceChildren(...grid.scenarios.map((name) => element("section", "",
      element("h3", titled(name)), ...sentences(grid, name, at).map((line) => element("p", line)), bars(grid, name, at))));
  }

  for (const [k, grid] of data.grids.entries()) {
    // Of several instruments in one scenario each says what it moves.
    const title = data.grids.filter((other) => other.title === grid.title).length > 1 ? `${grid.title} (${grid.field})` : grid.title;
    const box = element("fieldset", "", element("legend", title));
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
    place.append(k === 0 ? box : element("details", "", element("summary", title), box));
    update();
  }
  window.entrepot = { data, number: (k, scenario, name, at) => number(data.grids[k], scenario, name, at) };
})();
