/* Improvements to the desk's forms: completion of headings, lists, rows that move. Every form is whole without it. */
(function () {
  "use strict";
  var count = 0;
  var words = document.currentScript.dataset;

  function make(name, attributes, text) {
    var element = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    if (text) element.textContent = text;
    return element;
  }

  function button(label, act, about, sign) {
    var made = make("button", { type: "button", class: "quiet" }, sign || label);
    if (about || sign) made.setAttribute("aria-label", about ? label + ": " + about : label);
    if (sign) made.title = label;
    made.addEventListener("click", act);
    return made;
  }

  function same(one, other) { return one.trim().toLowerCase() === other.trim().toLowerCase(); }

  /* The pattern of a combobox with a list of suggestions. `pick` is told which heading was chosen. */
  function complete(input, address, pick) {
    var id = "suggestions-" + (count += 1);
    var list = make("ul", { id: id, role: "listbox", class: "suggestions", hidden: "", "aria-label": input.dataset.label || labelOf(input) });
    var said = make("span", { class: "unseen", role: "status" });
    var options = [];
    var active = -1;
    var timer = null;
    var asked = 0;
    input.after(list, said);
    [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", id]].forEach(function (pair) {
      input.setAttribute(pair[0], pair[1]);
    });

    function close() {
      asked += 1;
      clearTimeout(timer);
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(heading) {
      close();
      said.textContent = "";
      pick(heading);
    }

    function mark(place) {
      if (!options.length) return;
      // Whoever chooses chooses among what is shown: an answer that is still on its way comes too late.
      asked += 1;
      clearTimeout(timer);
      active = (place + options.length) % options.length;
      Array.from(list.children).forEach(function (option, index) {
        option.setAttribute("aria-selected", String(index === active));
      });
      input.setAttribute("aria-activedescendant", list.children[active].id);
      list.children[active].scrollIntoView({ block: "nearest" });
    }

    function show(headings) {
      var typed = input.value.trim();
      options = headings.slice();
      if (!headings.some(function (found) { return same(found.heading, typed) || same(found.variant, typed); })) {
        options.push({ heading: typed, variant: "", isNew: true });
      }
      list.replaceChildren.apply(list, options.map(function (found, index) {
        var option = make("li", { id: id + "-" + index, role: "option", "aria-selected": "false" });
        if (found.isNew) option.append(make("span", { class: "new" }, (words.new || "+") + ": "));
        if (found.variant) option.append(make("span", { class: "variant" }, found.variant + " → "));
        option.append(found.heading);
        if (found.count !== undefined) option.append(make("span", { class: "count" }, " " + found.count));
        if (found.note) option.append(make("span", { class: "scope" }, found.note));
        option.addEventListener("mousedown", function (event) { event.preventDefault(); choose(found); });
        return option;
      }));
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      said.textContent = headings.length ? headings.length + " " + (words.found || "") : (words.none || "");
    }

    function ask() {
      var question = (asked += 1);
      if (!input.value.trim()) { close(); return; }
      fetch(address + "?q=" + encodeURIComponent(input.value.trim()), { credentials: "same-origin" })
        .then(function (response) { return response.ok ? response.json() : { headings: [] }; })
        .then(function (answer) { if (question === asked) show(answer.headings); })
        .catch(function () { if (question === asked) close(); });
    }

    input.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(ask, 120); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      var isOpen = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (isOpen) mark(event.key === "ArrowDown" ? active + 1 : (active < 0 ? -1 : active - 1));
        else ask();
      } else if (event.key === "Escape" && isOpen) {
        event.preventDefault();
        close();
      } else if (event.key === "Enter" && isOpen && active >= 0) {
        event.preventDefault();
        event.stopImmediatePropagation();
        choose(options[active]);
      } else if (event.key === "Enter") {
        close();
      }
    });
  }

  function labelOf(input) {
    var label = input.labels && input.labels[0];
    return label ? label.textContent.replace(/:\s*$/, "") : "";
  }

  /* A box with one heading a line becomes a list with a box to add to it; the lines stay what is sent. */
  function listOfLines(area) {
    var label = document.querySelector("label[for='" + area.id + "']");
    var items = make("ol", { class: "chosen" });
    var input = make("input", { type: "text", id: area.id + "_add", autocomplete: "off", class: "vTextField" });
    var wrong = area.getAttribute("aria-invalid");
    input.setAttribute("aria-describedby", area.getAttribute("aria-describedby") || "");
    if (wrong) input.setAttribute("aria-invalid", wrong);
    if (label) label.htmlFor = input.id;

    function lines() { return area.value.split("\n").map(function (line) { return line.trim(); }).filter(Boolean); }

    function write(all) {
      area.value = all.join("\n");
      draw();
      area.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function add(text) {
      var all = lines();
      text.split(/\r?\n/).forEach(function (line) {
        line = line.trim();
        if (line && !all.some(function (known) { return same(known, line); })) all.push(line);
      });
      input.value = "";
      write(all);
    }

    function move(from, to) {
      var all = lines();
      all.splice(to, 0, all.splice(from, 1)[0]);
      write(all);
      var moved = items.children[to].querySelectorAll("button");
      (moved[to < from ? 0 : 1].disabled ? moved[to < from ? 1 : 0] : moved[to < from ? 0 : 1]).focus();
    }

    function draw() {
      var all = lines();
      items.hidden = !all.length;
      items.replaceChildren.apply(items, all.map(function (line, index) {
        var item = make("li");
        var up = button(words.up || "↑", function () { move(index, index - 1); }, line, "↑");
        var down = button(words.down || "↓", function () { move(index, index + 1); }, line, "↓");
        up.disabled = index === 0;
        down.disabled = index === all.length - 1;
        item.append(make("span", { class: "value" }, line), up, down, button(words.remove || "×", function () {
          write(lines().filter(function (_line, place) { return place !== index; }));
          input.focus();
        }, line));
        return item;
      }));
    }

    area.hidden = true;
    area.after(items, input);
    complete(input, area.dataset.complete, function (found) { add(found.heading); input.focus(); });
    input.addEventListener("keydown", function (event) {
      if (event.key !== "Enter") return;
      event.preventDefault();
      add(input.value);
    });
    input.addEventListener("paste", function (event) {
      var text = event.clipboardData.getData("text");
      if (text.indexOf("\n") < 0) return;
      event.preventDefault();
      add(input.value + text);
    });
    if (area.form) area.form.addEventListener("submit", function () { if (input.value.trim()) add(input.value); });
    draw();
  }

  /* Rows can be added, moved and taken away; their places are numbered for the server. */
  function rows(group) {
    var prefix = group.dataset.rows;
    var list = group.querySelector("ol");
    var blank = group.querySelector("template");
    var total = document.getElementById("id_" + prefix + "-TOTAL_FORMS");
    if (!blank) return;
    var isOrdered = Boolean(blank.content.querySelector("[data-order]"));

    function each(row, selector, act) { row.querySelectorAll(selector).forEach(act); }

    /* The box of a row in which one types first. */
    function main(row) { return row.querySelector("[data-complete]") || row.querySelector("input"); }

    function number() {
      shown().forEach(function (row, index) {
        each(row, "[data-order] input", function (box) { box.value = index + 1; });
        each(row, "[data-up]", function (made) { made.disabled = index === 0; });
        each(row, "[data-down]", function (made) { made.disabled = index === shown().length - 1; });
      });
    }

    /* An emptied row stays, hidden and last, for the server to leave it out. */
    function shown() { return Array.from(list.children).filter(function (row) { return !row.hidden; }); }

    function place(row, before) {
      list.insertBefore(row, before);
      number();
      list.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function move(row, isUp, made) {
      var other = isUp ? row.previousElementSibling : row.nextElementSibling;
      if (!other || other.hidden) return;
      place(row, isUp ? other : other.nextElementSibling);
      if (!made.disabled) made.focus(); else main(row).focus();
    }

    /* A row goes where it is dragged by its handle, or where its number says. */
    function arrangeOrder(row) {
      var handle = make("span", { class: "handle", draggable: "true", "aria-hidden": "true", title: words.drag || "" }, "⠿");
      var box = row.querySelector("[data-order] input");
      row.prepend(handle);
      handle.addEventListener("dragstart", function (event) {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        event.dataTransfer.setDragImage(row, 0, 0);
        row.classList.add("dragged");
      });
      handle.addEventListener("dragend", function () { row.classList.remove("dragged"); });
      box.addEventListener("change", function (event) {
        event.stopPropagation();
        var others = shown().filter(function (other) { return other !== row; });
        place(row, others[Math.max(0, (Number(box.value) || others.length + 1) - 1)] || lastShown(row));
        box.focus();
      });
      row.addEventListener("keydown", function (event) {
        if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
        event.preventDefault();
        var focused = document.activeElement;
        move(row, event.key === "ArrowUp", focused);
        focused.focus();
      }, true);
    }

    function lastShown(row) {
      var others = shown().filter(function (other) { return other !== row; });
      return others.length ? others[others.length - 1].nextElementSibling : null;
    }

    function takeDrops() {
      list.addEventListener("dragover", function (event) {
        var dragged = list.querySelector(".dragged");
        if (!dragged) return;
        event.preventDefault();
        var below = shown().filter(function (row) {
          var box = row.getBoundingClientRect();
          return row !== dragged && event.clientY < box.top + box.height / 2;
        })[0];
        place(dragged, below || lastShown(dragged));
      });
      list.addEventListener("drop", function (event) { if (list.querySelector(".dragged")) event.preventDefault(); });
    }

    function arrange(row) {
      var doings = make("div", { class: "row-doings" });
      if (isOrdered) {
        arrangeOrder(row);
        [["up", true, "↑"], ["down", false, "↓"]].forEach(function (way) {
          var made = button(words[way[0]] || way[0], function () { move(row, way[1], made); }, "", way[2]);
          made.setAttribute("data-" + way[0], "");
          doings.append(made);
        });
      }
      doings.append(button(words.remove || "×", function () {
        var next = row.nextElementSibling;
        if (!next || next.hidden) next = row.previousElementSibling;
        each(row, "input", function (box) { box.value = ""; });
        if (next && !next.hidden) { list.append(row); row.hidden = true; main(next).focus(); }
        number();
        list.dispatchEvent(new Event("change", { bubbles: true }));
      }));
      each(row, ".gone", function (box) { box.hidden = true; });  // an emptied row is taken away by the server
      row.append(doings);
      var first = main(row);
      if (first.dataset.complete) complete(first, first.dataset.complete, function (found) {
        first.value = found.heading;
        each(row, "select", function (box) { if (found.kind) box.value = found.kind; });
        each(row, ".orcid input", function (box) { if (!found.isNew) box.value = found.orcid || ""; });
        first.focus();
      });
      first.addEventListener("keydown", function (event) {
        if (event.key !== "Enter") return;
        event.preventDefault();
        if (!first.value.trim()) return;
        var next = row.nextElementSibling;
        main(next && !next.hidden ? next : add()).focus();
      });
    }

    function add() {
      var made = make("ol");
      made.innerHTML = blank.innerHTML.replace(/__prefix__/g, total.value);
      var row = made.firstElementChild;
      total.value = Number(total.value) + 1;
      list.insertBefore(row, lastShown(row));
      arrange(row);
      number();
      return row;
    }

    Array.from(list.children).forEach(arrange);
    if (isOrdered) takeDrops();
    number();
    if (!group.closest("fieldset[disabled]")) {
      list.after(button(words.add || "+", function () { main(add()).focus(); }, labelOfGroup(group)));
    }
  }

  function labelOfGroup(group) { return group.querySelector("legend").textContent; }

  document.querySelectorAll("textarea[data-list]").forEach(listOfLines);
  document.querySelectorAll("[data-rows]").forEach(rows);
  document.querySelectorAll("input[data-complete]").forEach(function (input) {
    if (!input.closest("[data-rows]")) complete(input, input.dataset.complete, function (found) { input.value = found.heading; });
  });
})();
