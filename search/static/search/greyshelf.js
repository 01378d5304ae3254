/* Improvements only: every page is whole without this file. */
(function () {
  "use strict";
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try { return localStorage.getItem("theme"); } catch (error) { return null; }
  }

  function remember(theme) {
    try {
      if (theme) localStorage.setItem("theme", theme);
      else localStorage.removeItem("theme");
    } catch (error) { /* storage is switched off: the choice lasts for this page */ }
  }

  function system() { return dark.matches ? "dark" : "light"; }

  function other(theme) { return theme === "dark" ? "light" : "dark"; }

  function shown() { return root.dataset.theme || system(); }

  function wear(theme) {
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  function themeSwitch(button) {
    function name() { button.textContent = button.dataset[other(shown())]; }
    button.addEventListener("click", function () {
      var wanted = other(shown());
      var kept = wanted === system() ? null : wanted;
      wear(kept);
      remember(kept);
      name();
    });
    dark.addEventListener("change", name);
    name();
    button.hidden = false;
  }

  function copier(button) {
    var label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", function () {
      var text = document.getElementById(button.dataset.copy).textContent.trim();
      navigator.clipboard.writeText(text).then(function () {
        button.textContent = button.dataset.done;
        setTimeout(function () { button.textContent = label; }, 2000);
      });
    });
  }

  /* Addresses of searches stay short: boxes left empty are not sent. */
  function withoutEmptyBoxes(form) {
    form.addEventListener("formdata", function (event) {
      Array.from(event.formData.entries()).forEach(function (entry) {
        if (entry[1] === "") event.formData.delete(entry[0]);
      });
    });
  }

  /* Paper wants whole records: open what is folded while printing. */
  function unfoldForPrint() {
    var folded = [];
    window.addEventListener("beforeprint", function () {
      folded = Array.from(document.querySelectorAll("details.more:not([open])"));
      folded.forEach(function (details) { details.open = true; });
    });
    window.addEventListener("afterprint", function () {
      folded.forEach(function (details) { details.open = false; });
    });
  }

  /* Browsers that cannot show a closed "details" by style get the wide page's facets opened. */
  function openFacets(details) {
    var wide = window.matchMedia("(min-width: 60rem)");
    if (wide.matches && !CSS.supports("selector(::details-content)")) details.open = true;
  }

  /* Suggestions under a box, as the combobox of WAI-ARIA 1.2: the focus stays in the box. */
  function completer(input) {
    var list = document.createElement("ul");
    var status = document.createElement("div");
    var options = [], active = -1, asked = 0, timer = 0;
    list.id = input.id + "-completions";
    list.className = "completions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.list);
    list.hidden = true;
    status.className = "unseen";
    status.setAttribute("role", "status");
    input.after(list, status);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");

    function close() {
      clearTimeout(timer);
      asked += 1;
      active = -1;
      options = [];
      list.hidden = true;
      list.replaceChildren();
      status.textContent = "";
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(entry) {
      input.value = entry.text;
      close();
    }

    function part(kind, text) {
      var made = document.createElement("span");
      made.className = kind;
      made.textContent = text;
      return made;
    }

    function option(entry, place) {
      var item = document.createElement("li");
      item.id = list.id + "-" + place;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.append(part("text", entry.text));
      if (entry.hint) item.append(" ", part("hint", entry.hint));
      if (entry.count) item.append(" ", part("count", entry.count.toLocaleString(root.lang)));
      /* Before the box loses the focus, which closes the list. */
      item.addEventListener("mousedown", function (event) { event.preventDefault(); });
      item.addEventListener("click", function () { choose(entry); });
      return item;
    }

    function show(entries) {
      options = entries;
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.replaceChildren.apply(list, entries.map(option));
      list.hidden = !entries.length;
      input.setAttribute("aria-expanded", String(entries.length > 0));
      status.textContent = entries.length ? input.dataset.some.replace("#", entries.length) : input.dataset.none;
    }

    function ask() {
      var typed = input.value.trim();
      var number = asked += 1;
      if (typed.length < 2) { close(); return; }
      fetch(input.dataset.complete + "?typed=" + encodeURIComponent(typed.slice(0, 100)), {
        headers: { Accept: "application/json" }
      }).then(function (answer) {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).then(function (found) {
        /* An answer that comes late, or after the box was left, is not for what stands there now. */
        if (number === asked && document.activeElement === input) show(found.completions);
      }).catch(function () { if (number === asked) close(); });
    }

    function go(place) {
      var items = list.children;
      if (items[active]) items[active].setAttribute("aria-selected", "false");
      active = place;
      items[active].setAttribute("aria-selected", "true");
      items[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", items[active].id);
    }

    input.addEventListener("input", function () {
      clearTimeout(timer);
      timer = setTimeout(ask, 150);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", function (event) {
      var last = options.length - 1;
      if (event.isComposing) return;
      if (event.key === "ArrowDown" && last < 0 && input.value.trim().length > 1) ask();
      else if (last < 0) return;
      else if (event.key === "ArrowDown") go(active < last ? active + 1 : 0);
      else if (event.key === "ArrowUp") go(active > 0 ? active - 1 : last);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && active >= 0) choose(options[active]);
      else {
        /* Home, End and all letters are for the text in the box. */
        if (active >= 0 && /^(Home|End|ArrowLeft|ArrowRight)$/.test(event.key)) {
          list.children[active].setAttribute("aria-selected", "false");
          input.removeAttribute("aria-activedescendant");
          active = -1;
        }
        return;
      }
      event.preventDefault();
    });
  }

  function each(selector, improve) { document.querySelectorAll(selector).forEach(improve); }

  wear(remembered());
  each(".theme", themeSwitch);
  if (navigator.clipboard) each("[data-copy]", copier);
  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  each("form[method=get]", withoutEmptyBoxes);
  if (window.fetch && Element.prototype.replaceChildren) each("input[data-complete]", completer);
  each("details.facets", openFacets);
  unfoldForPrint();
})();
