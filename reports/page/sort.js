// A heading that is clicked sorts its table, a second time in reverse. Rows stay below the heading of their group, the
// paper's numbers below the loss that they belong to, and what was not measured goes last.
for (const table of document.querySelectorAll(".dismax-table table")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const blocks = () => {
    let all = [], group = 0;
    for (const row of body.rows) {
      const heading = row.classList.contains("heading"), paper = row.classList.contains("paper");
      if (paper && all.length && all.at(-1).own) all.at(-1).rows.push(row);
      else all.push({ group: heading ? ++group : group, heading, own: !heading && !paper, rows: [row] });
    }
    return all;
  };
  const compare = (a, b, column, sign) => {
    const [x, y] = [a, b].map(block => block.rows[0].cells[column].textContent.trim());
    if (!heads[column].classList.contains("number")) return sign * x.localeCompare(y, "en", { numeric: true });
    const [v, w] = [x, y].map(text => parseFloat(text.replaceAll(",", "").replace("−", "-").replace("∞", "Infinity")));
    return isNaN(v) - isNaN(w) || sign * (v - w);
  };
  const sort = column => {
    const order = heads[column].getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    const sign = order === "ascending" ? 1 : -1;
    const sorted = blocks().sort((a, b) => a.group - b.group || b.heading - a.heading || compare(a, b, column, sign));
    body.append(...sorted.flatMap(block => block.rows));
    heads.forEach((head, i) => head.setAttribute("aria-sort", i === column ? order : "none"));
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.onclick = () => sort(column);
    head.append(button);
  });
}
