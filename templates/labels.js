(function () {
  "use strict";
  const form = document.getElementById("sheet");
  const items = Array.from(form.querySelectorAll("fieldset"));
  const progress = document.getElementById("progress");
  const annotator = document.getElementById("annotator");
  const place = "overinterp:" + document.title + location.pathname;

  function answer(item) {
    const chosen = item.querySelector("input:checked");
    return chosen ? chosen.value : "";
  }

  function update() {
    const done = items.filter(answer).length;
    progress.textContent = done + " of " + items.length + " answered";
    // A page without storage still saves its file.
    try {
      localStorage.setItem(place, JSON.stringify([annotator.value, items.map(answer)]));
    } catch (error) { /* only this page's memory */ }
  }

  function restore() {
    let stored = null;
    try { stored = JSON.parse(localStorage.getItem(place)); } catch (error) { /* nothing kept */ }
    if (!stored || stored[1].length !== items.length) return;
    annotator.value = stored[0];
    items.forEach((item, index) => {
      item.querySelectorAll("input").forEach((input) => {
        input.checked = input.value === stored[1][index];
      });
    });
  }

  function csv(fields) {
    return fields.map((field) => /[",\r\n]/.test(field) ? '"' + field.replace(/"/g, '""') + '"' : field).join(",");
  }

  function focus(item) {
    const input = item.querySelector("input:checked") || item.querySelector("input");
    input.focus({ preventScroll: true });
    item.scrollIntoView({ block: "start" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === annotator) return;
    const number = Number(event.key);
    if (!Number.isInteger(number) || number < 1) return;
    const item = event.target.closest("fieldset") || items.find((item) => !answer(item));
    const input = item && item.querySelectorAll("input")[number - 1];
    if (!input) return;
    event.preventDefault();
    input.checked = true;
    update();
    const next = items[items.indexOf(item) + 1];
    if (next) { focus(next); } else { form.querySelector("button").focus(); }
  });

  form.addEventListener("change", update);
  annotator.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const rows = [JSON.parse(form.dataset.columns)].concat(
      items.map((item) => JSON.parse(item.dataset.fields).concat(answer(item))));
    const name = annotator.value.trim().replace(/[^\p{L}\p{N}._-]+/gu, "-");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(
      new Blob([rows.map(csv).join("\n") + "\n"], { type: "text/csv" }));
    link.download = name ? "labels-" + name + ".csv" : "labels.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });

  restore();
  update();
})();
