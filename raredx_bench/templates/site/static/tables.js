// Tabs, and DataTables over the tables of the tab that is shown: sorting, search, filter.
"use strict";
(() => {
  const LONG = 60; // rows from which a table gets pages

  const prepare = table => {
    if (table.dataset.ready) return;
    table.dataset.ready = "yes";
    const board = table.closest(".board"), rows = table.tBodies[0].rows.length;
    const rates = [...table.tHead.rows[0].cells].findIndex(cell => cell.textContent === "recall@1");
    const api = new DataTable(table, {
      autoWidth: false, order: rates < 0 ? [] : [[rates, "desc"]], paging: rows > LONG, pageLength: LONG - 10,
      layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: rows > LONG ? "paging" : null },
      columnDefs: [{ targets: "num", orderSequence: ["desc", "asc"] }, { targets: "_all", orderSequence: ["asc", "desc"] }],
      language: { zeroRecords: "No such row.", emptyTable: "No rows." },
    });
    if (!board?.querySelector(".controls")) return;
    const [search, kind, count] = ["[data-search]", "[data-kind]", "[data-count]"].map(each => board.querySelector(`.controls ${each}`));
    const say = () => { const shown = api.rows({ search: "applied" }).count(); count.textContent = `${shown} of ${rows} ${rows === 1 ? "entry" : "entries"}`; };
    api.search.fixed("kind", (_, __, index) => !kind.value || api.row(index).node().dataset.kind === kind.value);
    search.addEventListener("input", () => api.search(search.value).draw());
    kind.addEventListener("change", () => api.draw());
    api.on("draw", say);
    say();
    board.querySelector(".controls").hidden = rows < 2;
  };

  const show = (tabs, id, panels) => {
    document.getElementById(id).querySelectorAll("table.ranking").forEach(prepare); // before it is laid out
    for (const tab of tabs) {
      const chosen = tab.getAttribute("aria-controls") === id;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) tab.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
    }
    for (const panel of panels) panel.hidden = panel.id !== id;
  };

  const tabbed = group => {
    const tabs = [...group.querySelectorAll("[role=tab]")], panels = [...group.querySelectorAll("[role=tabpanel]")];
    const named = () => decodeURIComponent(location.hash.slice(1));
    const wanted = () => panels.find(panel => panel.id === named()) ?? panels.find(panel => named() && panel.contains(document.getElementById(named()))) ?? panels[0];
    const choose = tab => {
      history.replaceState(null, "", tab.getAttribute("href"));
      show(tabs, tab.getAttribute("aria-controls"), panels);
    };
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", event => { event.preventDefault(); choose(tab); });
      tab.addEventListener("keydown", event => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const next = step ? tabs[(index + step + tabs.length) % tabs.length] : { Home: tabs[0], End: tabs.at(-1) }[event.key];
        if (event.key === " ") { event.preventDefault(); choose(tab); }
        if (next) { event.preventDefault(); next.focus(); choose(next); }
      });
    });
    addEventListener("hashchange", () => show(tabs, wanted().id, panels));
    show(tabs, wanted().id, panels);
    group.dataset.ready = "yes";
  };

  document.querySelectorAll("[data-tabs]").forEach(tabbed);
  document.querySelectorAll("table.sortable").forEach(prepare);
  document.querySelectorAll("details.reported").forEach(details =>
    details.addEventListener("toggle", () => details.querySelectorAll("table.paper").forEach(prepare), { once: true }));
  document.documentElement.dataset.tables = "ready";
})();
