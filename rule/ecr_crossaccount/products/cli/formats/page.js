"use strict";
// Fills the table from the data in the page, sorts and filters it, and opens the section of a finding. Everything that
// comes from the data becomes text: there is no markup made of strings here, and the page's policy would refuse it.
(() => {
  // A narrow screen shows rows as cards, by which a browser may forget that they are rows: a screen reader shall not.
  const ROLES = { table: "table", "thead, tbody": "rowgroup", "thead th": "columnheader" };
  for (const [names, role] of Object.entries(ROLES)) {
    for (const element of document.querySelectorAll(names)) element.setAttribute("role", role);
  }
  for (const row of document.querySelectorAll("tr")) asRow(row);

  function asRow(row) {
    row.setAttribute("role", "row");
    for (const cell of row.cells) {
      if (cell.localName === "td") cell.setAttribute("role", "cell");
      else if (cell.scope === "row") cell.setAttribute("role", "rowheader");
    }
    return row;
  }

  const table = document.querySelector("table.findings");
  if (!table) return;
  const data = JSON.parse(document.getElementById("data").textContent);
  const RANKS = ["approved", "low", "medium", "high", "critical"];
  const PAGE = 100, PRINTED = 100, FAR = 5000;
  const body = table.tBodies[0], form = document.querySelector("form.filters");
  const status = document.querySelector(".shown"), more = document.querySelector(".more button");
  const titles = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const several = [...table.tHead.rows[0].cells].map((cell) => !cell.hidden);
  const collator = new Intl.Collator("en", { numeric: true });

  // What the findings of several repositories share stands in the data once: each row is made upon it. The number that
  // stands for an owner, and the text that stands for a repository, are replaced when a row is told of its own.
  const told = (text, repository) => text.replaceAll(data.stand_in, repository.account);
  const searched = (parts) => parts.join("\n").replaceAll("`", "").toLowerCase();
  for (const finding of data.findings) {
    finding.actions = "actions" in finding ? data.actions[finding.actions] : null;
    finding.by = finding.sid || (finding.statement === null ? "" : `statement ${finding.statement}`);
    finding.accessText = finding.access.join(", ");
    finding.ofOwner = [finding.who, finding.why, finding.sid, finding.witness || ""].some((text) => text.includes(data.stand_in));
    finding.text = searchedOf(finding);
  }

  function searchedOf(finding) {
    return searched([finding.who, finding.accessText, finding.by, finding.why, ...(finding.actions || []), finding.state]);
  }

  function rowUpon(finding, repository) {
    const row = Object.create(finding);
    row.repository = repository;
    row.name = repository.name;
    row.account = repository.account;
    row.region = repository.region;
    if (finding.ofOwner) {
      for (const field of ["who", "why", "sid", "by", "witness"]) if (finding[field]) row[field] = told(finding[field], repository);
      row.text = searchedOf(row);
    }
    return row;
  }

  const rows = [];
  for (const repository of data.repositories) {
    repository.text = searched([repository.name, `account ${repository.account}/${repository.name} ${repository.region}`]);
    for (const number of repository.findings) rows.push(rowUpon(data.findings[number], repository));
  }
  rows.sort((a, b) => b.rank - a.rank);
  rows.forEach((row, number) => { row.number = number; });
  const KEYS = {
    rank: (a, b) => a.rank - b.rank, who: (a, b) => collator.compare(a.who, b.who),
    access: (a, b) => a.access.length - b.access.length || collator.compare(a.accessText, b.accessText),
    name: (a, b) => collator.compare(a.name, b.name), account: (a, b) => collator.compare(a.account, b.account),
    region: (a, b) => collator.compare(a.region, b.region), by: (a, b) => collator.compare(a.by, b.by),
  };
  let sort = { key: "rank", down: true }, shown = rows, drawn = 0;

  function make(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  // What a message has between backticks is code; one backtick alone stays what it is.
  function worded(text) {
    return text.split(/`([^`]+)`/).map((part, place) => (place % 2 ? make("code", "", part) : part));
  }

  function rowOf(finding) {
    const toggle = make("button", "toggle", make("span", `badge ${kindOf(finding)}`, labelOf(finding)));
    toggle.type = "button";
    toggle.setAttribute("aria-expanded", "false");
    toggle.setAttribute("aria-label", `${labelOf(finding)}: details of ${finding.who}, ${finding.name}`);
    const who = make("th", finding.wild ? "wild-who" : "", finding.who);
    who.scope = "row";
    const cells = [
      make("td", "keep", toggle), who, make("td", "keep", finding.accessText || "–"), make("td", "", make("span", "id", finding.name)),
      make("td", "keep", make("span", "id", finding.account)), make("td", "keep", finding.region), make("td", "", finding.by || "–"),
    ];
    for (const [place, cell] of cells.entries()) if (place > 1) cell.dataset.label = titles[place];
    const row = make("tr", "row", ...cells.filter((_, place) => several[place]));
    row.id = `finding-${finding.number}`;
    row.finding = finding;
    return asRow(row);
  }

  // What is invalid is undecided too: it has the same colour and the same filter, and a word of its own.
  function kindOf(finding) {
    return finding.state === "undecided" || finding.state === "invalid" ? "undecided" : RANKS[finding.rank];
  }

  function labelOf(finding) {
    const name = finding.state === "invalid" ? "invalid" : kindOf(finding);
    return name[0].toUpperCase() + name.slice(1);
  }

  function draw(count) {
    const part = document.createDocumentFragment();
    for (const finding of shown.slice(drawn, drawn + count)) part.append(rowOf(finding));
    body.append(part);
    drawn = Math.min(shown.length, drawn + count);
    const left = shown.length - drawn;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, PAGE).toLocaleString("en")} more of ${left.toLocaleString("en")}`;
  }

  function redraw() {
    const words = form.query.value.replaceAll("`", "").toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = new Set([...form.querySelectorAll("[name=kind]:checked")].map((box) => box.value));
    const access = form.access.value;
    shown = rows.filter((row) => kinds.has(kindOf(row)) && (!access || row.access.includes(access))
      && words.every((word) => row.text.includes(word) || row.repository.text.includes(word)));
    const compare = KEYS[sort.key];
    shown.sort((a, b) => (sort.down ? compare(b, a) : compare(a, b)) || b.rank - a.rank || a.number - b.number);
    body.replaceChildren();
    drawn = 0;
    draw(PAGE);
    const findings = rows.filter((row) => row.rank > 0).length, approved = rows.length - findings;
    status.textContent = `${shown.length.toLocaleString("en")} shown, of ${findings.toLocaleString("en")} findings`
      + ` and ${approved.toLocaleString("en")} approved`;
  }

  function showAll(query) {
    form.query.value = query;
    form.access.value = "";
    for (const box of form.querySelectorAll("[name=kind]")) box.checked = true;
    redraw();
  }

  // --- the section of a finding ---

  function code(lines, statements, marked) {
    return make("pre", "", ...lines.map((line, place) => {
      const element = make(marked !== null && statements[place] === marked ? "mark" : "span", "", line || " ");
      const indent = line.length - line.trimStart().length + 2;  // what does not fit goes on below its own beginning
      element.style.paddingLeft = `calc(14px + ${indent}ch)`;
      element.style.textIndent = `-${indent}ch`;
      return element;
    }));
  }

  function block(title, pre, copied) {
    pre.tabIndex = 0;
    pre.setAttribute("role", "group");
    pre.setAttribute("aria-label", title);
    const head = make("div", "head", make("h4", "", title));
    if (copied) {
      const button = make("button", "copy", "Copy");
      button.type = "button";
      button.addEventListener("click", () => copy(button, pre));
      head.append(button);
    }
    return make("div", "", head, pre);
  }

  function copy(button, pre) {
    const text = [...pre.children].map((line) => line.textContent).join("\n");
    const range = document.createRange();
    range.selectNodeContents(pre);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const done = () => { button.textContent = "Copied"; };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => { button.textContent = "Selected"; });
    else button.textContent = "Selected";
  }

  function sectionOf(finding) {
    const repository = finding.repository, approved = finding.state === "approved";
    const section = make("section", `finding ${finding.state}`);
    const title = make("h3", "", `${finding.who} · ${finding.name}`);
    title.id = `title-${finding.number}`;
    section.setAttribute("aria-labelledby", title.id);
    section.append(title, make("p", "", ...worded(approved ? approvalOf(finding) : finding.why)));
    if (finding.witness) {
      section.append(make("p", "witness", make("b", "", "A request that is allowed: "), ...worded(`${finding.witness}.`)));
    }
    if (finding.actions) {
      const count = finding.actions.length === 1 ? "1 action" : `${finding.actions.length} actions`;
      section.append(make("details", "actions", make("summary", "", count), make("p", "", finding.actions.join(", "))));
    }
    if (repository.under) {
      section.append(make("p", "under", make("b", "", "Under the resource control policies: "), ...worded(`${repository.under}.`)));
    }
    const own = (lines) => lines.map((line) => told(line, repository));
    const policy = data.policies[repository.policy];
    const sides = make("div", "policies", block("The policy", code(own(policy.lines), policy.statements, finding.statement)));
    if (!approved && repository.plan !== null) sides.append(tightened(data.plans[repository.plan], repository));
    section.append(sides);
    if (finding.entry && finding.entry.length) {
      const entry = block("If it is intended: an entry for the trust register", code(own(entryOf(finding)), [], null), true);
      entry.className = "register";
      section.append(entry);
    }
    return section;
  }

  function entryOf(finding) {
    const literal = finding.repository.literal || `"${finding.repository.name}"`;
    return finding.entry.map((line) => line.replace(`"${data.name}"`, () => literal));
  }

  function approvalOf(finding) {
    const until = finding.until ? `until ${finding.until}` : "no last day";
    return `Approved${finding.owner ? ` by ${finding.owner}` : ", no owner named"}, ${until}: ${finding.why}`;
  }

  function tightened(plan, repository) {
    const own = (line) => told(line, repository);
    const side = plan.lines
      ? block("Tightened, for this repository's findings together", code(plan.lines.map(own), plan.statements, null), true)
      : make("div", "", make("h4", "", "Tightened"), make("p", "", ...worded(own(plan.says))));
    side.className = "tightened";
    if (plan.changes.length) {
      const reasons = plan.changes.map((one) => make("li", "", ...worded(own(`${one.change}: ${one.reason}`))));
      side.append(make("ul", "reasons", ...reasons));
    }
    return side;
  }

  function open(row, wanted) {
    const toggle = row.querySelector(".toggle"), isOpen = toggle.getAttribute("aria-expanded") === "true";
    if (isOpen === wanted) return;
    toggle.setAttribute("aria-expanded", String(wanted));
    row.classList.toggle("open", wanted);
    if (!wanted) { row.nextElementSibling.remove(); toggle.removeAttribute("aria-controls"); return; }
    const cell = make("td", "", sectionOf(row.finding)), detail = make("tr", "detail", cell);
    cell.colSpan = several.filter(Boolean).length;
    detail.id = `detail-${row.finding.number}`;
    toggle.setAttribute("aria-controls", detail.id);
    row.after(asRow(detail));
  }

  function goTo(hash) {
    const found = /^#finding-(\d+)$/.exec(hash);
    if (!found || !rows[found[1]]) return;
    let row = document.getElementById(hash.slice(1));
    if (!row) {
      showAll("");
      const place = shown.indexOf(rows[found[1]]);
      if (place >= FAR) {  // a browser would take long with all that stands before it
        shown = [shown[place], ...shown.slice(0, place), ...shown.slice(place + 1)];
        body.replaceChildren();
        drawn = 0;
        draw(PAGE);
      } else draw(place + 1 - drawn);
      row = document.getElementById(hash.slice(1));
    }
    open(row, true);
    row.scrollIntoView({ block: "start" });
  }

  // --- what the reader does ---

  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sort]");
    if (!button) return;
    const key = button.dataset.sort;
    sort = { key, down: sort.key === key ? !sort.down : key === "rank" || key === "access" };
    for (const header of table.tHead.rows[0].cells) header.removeAttribute("aria-sort");
    button.closest("th").setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    redraw();
  });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr.row");
    if (!row || (String(getSelection()) && !event.target.closest(".toggle"))) return;  // somebody marks text to copy it
    const wanted = row.querySelector(".toggle").getAttribute("aria-expanded") !== "true";
    open(row, wanted);
    history.replaceState(null, "", wanted ? `#${row.id}` : "#findings");
  });
  form.addEventListener("input", redraw);
  form.addEventListener("reset", () => setTimeout(redraw));
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => draw(PAGE));
  document.addEventListener("click", (event) => {
    const end = event.target.closest("[data-filter]");
    if (!end) return;
    showAll(end.dataset.filter);
  });
  addEventListener("hashchange", () => goTo(location.hash));
  let opened = [];
  addEventListener("beforeprint", () => {
    if (body.querySelector("tr.open")) return;  // the reader has chosen
    draw(Math.max(0, PRINTED - drawn));
    opened = [...body.querySelectorAll("tr.row")].slice(0, PRINTED);
    const tightenedOnce = new Set();
    for (const row of opened) {
      open(row, true);
      const side = row.nextElementSibling.querySelector(".tightened"), repository = row.finding.repository;
      if (side) side.classList.toggle("repeated", tightenedOnce.has(repository));
      if (side) tightenedOnce.add(repository);
    }
    if (shown.length > PRINTED) {
      status.textContent += `; the first ${PRINTED} are printed with their sections: filter to print others`;
    }
  });
  addEventListener("afterprint", () => {
    for (const row of opened) open(row, false);
    opened = [];
  });
  redraw();
  goTo(location.hash);
})();
