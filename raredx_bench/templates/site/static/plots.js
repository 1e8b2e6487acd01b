// The plots: rows out of a board's script, drawn by Vega-Lite as SVG, and the same rows as a table.
"use strict";
(() => {
  const { load, element, options, place, go } = raredx;
  const round = value => typeof value === "number" ? Number(value.toPrecision(4)).toLocaleString("en") : value ?? "–";

  const table = (figure, rows, columns) => {
    const head = element("tr", {}, ...columns.map(([, label], index) => element("th", { scope: "col", class: index ? "num" : "name" }, label)));
    const body = rows.map(row => element("tr", {}, ...columns.map(([key], index) =>
      element(index ? "td" : "th", index ? {} : { scope: "row", class: "name" }, String(round(row[key]))))));
    figure.querySelector(".scroll").replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
  };

  const draw = async (figure, rows, columns) => {
    const canvas = figure.querySelector(".canvas");
    table(figure, rows, columns);
    if (!rows.length) { canvas.replaceChildren(element("p", { class: "empty" }, "Nothing of this is known here.")); return; }
    const spec = { ...raredxSpecs[figure.dataset.plot], datasets: { rows: rows.map(row => ({ low: row.value, high: row.value, ...row })) } };
    if (spec.usermeta?.row) spec.height = spec.usermeta.row * new Set(rows.map(row => row.label)).size;
    const inner = element("div", { "aria-hidden": "true" }); // the figure's label and table stand for the marks
    canvas.replaceChildren(inner);
    await vegaEmbed(inner, spec, { renderer: "svg", actions: false, ast: true, tooltip: { theme: "custom" } });
    figure.dataset.drawn = (Number(figure.dataset.drawn) || 0) + 1;
  };

  const interval = [["value", "percent"], ["low", "from"], ["high", "to"]];
  const shares = each => ({ value: each[0], low: each[1], high: each[2] });

  const kinds = {
    ladder(controls, figure, board) {
      const entry = board.rows.find(row => row.slug === controls.entry.value) ?? board.rows[0];
      const rows = entry.protocols.flatMap(rule => Object.entries(rule.measures).map(([measure, each]) =>
        ({ label: rule.label, measure, ...shares(each) })));
      return draw(figure, rows, [["label", "matcher"], ["measure", "measure"], ...interval]);
    },
    heat(controls, figure, board) {
      const rows = board.rows.flatMap(row => Object.entries(row.strata[controls.stratum.value] ?? {}).map(([level, measures]) => {
        const each = measures[controls.measure.value];
        return each && { label: row.label, level: `${level} (${each[3].toLocaleString("en")})`, ...shares(each), n: each[3] };
      })).filter(Boolean);
      return draw(figure, rows, [["label", "run"], ["level", "level (cases)"], ...interval, ["n", "cases"]]);
    },
    cost(controls, figure, board) {
      const kind = controls.cost.value;
      const known = board.rows.filter(row => row.costs[kind]).map(row => ({ label: row.label, x: row.costs[kind], ...shares(row.value), currency: row.currency }));
      known.sort((a, b) => a.x - b.x || b.value - a.value);
      let best = -1;
      for (const row of known) { row.best = row.value > best; best = Math.max(best, row.value); }
      for (const row of known) row.named = (innerWidth > 600 ? known.length <= 12 || row.best : row.value === best) ? row.label : "";
      const currencies = [...new Set(known.map(row => row.currency))].join(", ");
      figure.querySelector("[data-says]").textContent =
        `Across: ${controls.cost.selectedOptions[0].textContent}${kind === "price" && currencies ? `, in ${currencies}` : ""}, on a logarithmic scale; known for ${known.length} of ${board.rows.length} runs. Upwards: recall@1.`;
      return draw(figure, known, [["label", "run"], ["x", "cost of a case"], ...interval]);
    },
  };

  const fill = (controls, board, parts) => {
    if (controls.entry) options(controls.entry, board.rows.map(row => [row.slug, row.label]), parts[1]);
    if (controls.stratum) options(controls.stratum, [...new Set(board.rows.flatMap(row => Object.keys(row.strata)))].map(name => [name, name]), parts[1]);
    if (controls.cost) {
      const known = option => board.rows.some(row => row.costs[option.value]);
      for (const option of controls.cost.options) option.disabled = !known(option);
      if (controls.cost.selectedOptions[0]?.disabled) controls.cost.value = [...controls.cost.options].find(known)?.value ?? controls.cost.value;
    }
  };

  for (const bar of document.querySelectorAll("[data-picker]")) {
    const kind = bar.dataset.picker, figure = document.querySelector(`[data-plot="${kind}"]`);
    const controls = Object.fromEntries(["board", "entry", "stratum", "measure", "cost"].map(name => [name, bar.querySelector(`[data-${name}]`)]));
    const parts = place();
    if ([...controls.board.options].some(option => option.value === parts[0])) controls.board.value = parts[0];
    let turns = 0, due = false;
    const turn = async fresh => {
      const mine = ++turns; // what was asked for later wins, whatever loads last
      due ||= fresh; // the choices of another board are still to be listed
      const board = await load(`data/${controls.board.value}`);
      if (mine !== turns) return;
      if (due) fill(controls, board, due === "first" ? parts : []);
      due = false;
      go(controls.board.value, (controls.entry ?? controls.stratum)?.value);
      await kinds[kind](controls, figure, board);
    };
    for (const [name, control] of Object.entries(controls)) control?.addEventListener("change", () => turn(name === "board"));
    turn("first");
  }

  for (const rows of document.querySelectorAll("[data-rows]"))
    draw(rows.closest("article").querySelector("figure"), JSON.parse(rows.textContent), [["label", "stage"], ["measure", "measure"], ...interval]);
})();
