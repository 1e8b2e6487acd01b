// The theme that was chosen, before anything is drawn; the system's otherwise.
"use strict";
document.documentElement.dataset.script = "yes"; // tables are laid out once, when they can be sorted
(() => {
  const order = ["auto", "light", "dark"];
  const read = () => { try { return localStorage.getItem("raredx-theme"); } catch { return null; } };
  const keep = theme => { try { localStorage.setItem("raredx-theme", theme); } catch { /* private windows keep nothing */ } };
  const show = theme => {
    if (theme === "auto") delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = theme;
  };
  let theme = order.includes(read()) ? read() : "auto";
  show(theme);
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-toggle]");
    const say = () => { button.querySelector("span").textContent = theme; };
    button.hidden = false;
    say();
    button.addEventListener("click", () => {
      theme = order[(order.indexOf(theme) + 1) % order.length];
      show(theme);
      keep(theme);
      say();
    });
  });
})();
