"use strict";
// Columns sort by buttons in their heads; without this script the tables are as good, in their own order.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[column].dataset.key ?? "";
      const order = (one, other) => {
        const [a, b] = [key(one), key(other)];
        if (a === "" || b === "") return (a === "") - (b === ""); // what was not measured comes last
        const numbers = a - b;
        return (Number.isNaN(numbers) ? a.localeCompare(b) : numbers) * (up ? 1 : -1);
      };
      body.append(...[...body.rows].sort(order));
    });
  });
}
// A link to a case opens it.
const open = () => {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let one = target.closest("details"); one; one = one.parentElement.closest("details")) one.open = true;
  target.scrollIntoView();
  target.querySelector("summary")?.focus({ preventScroll: true });
};
addEventListener("hashchange", open);
if (location.hash) open();
addEventListener("beforeprint", () => document.querySelectorAll("details.block").forEach((one) => (one.open = true)));
