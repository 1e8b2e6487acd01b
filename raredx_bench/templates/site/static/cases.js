// The case explorer: cases of a board, and what one run named for each.
"use strict";
(() => {
  const { load, element, options, place, go } = raredx;
  const bar = document.querySelector("[data-explorer]");
  if (!bar) return;
  const [board, entry, outcome] = ["board", "entry", "outcome"].map(name => bar.querySelector(`[data-${name}]`));
  const says = document.querySelector("[data-says]"), view = document.querySelector("[data-cases]");
  const [list, detail] = view.children;
  let shown = [], chosen = "", turns = 0, due = false;

  const state = answer => {
    const first = relation => answer.names.findIndex(name => name.relation === relation) + 1;
    if (!answer.names.length) return ["failed", answer.failure ?? answer.reading];
    const exact = first("exact");
    if (exact) return [exact === 1 ? "first" : "later", `rank ${exact}`, "exact"];
    const wide = ["narrower", "broader"].find(first);
    return wide ? ["wide", wide, wide] : ["miss", "missed"];
  };
  const badge = (text, kind = "") => element("span", { class: `relation ${kind}` }, text);

  const link = name => {
    if (name.id) return `${name.label ?? ""} (${name.id}${name.how && name.how !== "withheld" ? `; ${name.how}` : ""})`.trim();
    return name.how === "withheld" ? "withheld" : `not linked: ${name.how}`;
  };

  const describe = ({ each, answer }) => {
    const said = answer.names.map(name => element("li", {},
      element("b", {}, name.name || "(name withheld)"), " ", badge(name.relation, name.relation),
      element("p", {}, name.why ?? link(name))));
    detail.replaceChildren(
      element("h2", {}, each.id),
      ...(each.text ? [element("blockquote", {}, each.text)] : []),
      ...(each.answers ? [element("p", {}, element("b", {}, "Answer: "), each.answers.join(" or "))] : []),
      said.length ? element("ol", {}, ...said) : element("p", {}, `No list of names: ${answer.failure ?? answer.reading}.`));
  };

  const select = (index, focus) => {
    const one = shown[index];
    [...list.children].forEach((each, place) => each.setAttribute("aria-selected", place === index));
    if (!one) { detail.replaceChildren(element("p", { class: "empty" }, "No case of this kind among those shown.")); return; }
    chosen = one.each.id;
    list.setAttribute("aria-activedescendant", list.children[index].id);
    if (focus) list.children[index].scrollIntoView({ block: "nearest" });
    go(board.value, entry.value, chosen);
    describe(one);
  };

  const fill = (cases, names) => {
    shown = cases.cases.filter(each => names.cases[each.id]).map(each => ({ each, answer: names.cases[each.id] }))
      .filter(({ answer }) => !outcome.value || state(answer)[0] === outcome.value);
    list.replaceChildren(...shown.map(({ each, answer }, index) => {
      const [, text, kind] = state(answer);
      const line = element("div", { role: "option", id: `case-${index}`, "aria-selected": "false" }, element("span", {}, each.id), badge(text, kind));
      line.addEventListener("click", () => select(index));
      return line;
    }));
    const some = cases.cases.length < cases.of ? `${cases.cases.length} of ${cases.of.toLocaleString("en")} cases, the same for every run, drawn by the hash of their ids.` : `All ${cases.of} cases.`;
    says.textContent = `${some} ${cases.why_not}`;
    view.hidden = false;
    select(Math.max(0, shown.findIndex(({ each }) => each.id === chosen)), true);
  };

  const turn = async fresh => {
    const mine = ++turns; // what was asked for later wins, whatever loads last
    due ||= fresh; // the runs of another board are still to be listed
    const runs = await load(`data/${board.value}`);
    if (mine !== turns) return;
    if (due) options(entry, runs.rows.map(row => [row.slug, row.label]), due === "first" ? place()[1] : undefined);
    due = false;
    try {
      const [cases, names] = [await load(`cases/${board.value}/cases`), await load(`cases/${board.value}/${entry.value}`)];
      if (mine === turns) fill(cases, names);
    } catch {
      view.hidden = true;
      says.textContent = "The verdicts of this board could not be read where this page was built.";
    }
  };

  list.addEventListener("keydown", event => {
    const now = shown.findIndex(({ each }) => each.id === chosen);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    select(Math.min(Math.max(next, 0), shown.length - 1), true);
  });
  const parts = place();
  if ([...board.options].some(option => option.value === parts[0])) board.value = parts[0];
  chosen = parts.slice(2).join("/");
  board.addEventListener("change", () => turn(true));
  entry.addEventListener("change", () => turn());
  outcome.addEventListener("change", () => turn());
  turn("first");
})();
