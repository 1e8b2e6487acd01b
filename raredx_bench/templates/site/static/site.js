// Loads documents that lie in scripts beside the page (a page opened from disk can't fetch), and builds elements of plain text.
"use strict";
window.raredx = (() => {
  const waiting = new Map(), loaded = new Map();

  const load = place => {
    if (!loaded.has(place)) {
      loaded.set(place, new Promise((resolve, reject) => {
        waiting.set(place, resolve);
        const script = document.createElement("script");
        script.src = document.body.dataset.root + encodeURI(place) + ".js";
        script.onerror = () => reject(new Error(`${place} is missing`));
        document.head.append(script);
      }));
    }
    return loaded.get(place);
  };
  const give = (place, value) => waiting.get(place)?.(value);

  // Never markup: texts come from entries and cases.
  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const options = (select, pairs, chosen) => {
    select.replaceChildren(...pairs.map(([value, label]) => element("option", { value }, label)));
    if (pairs.some(([value]) => value === chosen)) select.value = chosen;
  };
  const place = () => decodeURIComponent(location.hash.slice(1)).split("/");
  const go = (...parts) => history.replaceState(null, "", "#" + parts.filter(Boolean).map(encodeURIComponent).join("/"));
  return { load, give, element, options, place, go };
})();
