/* The wizard of imports: files by drag and drop and in pieces that can be resumed; progress without reloading. */
(function () {
  "use strict";
  var PIECE = 4 * 1024 * 1024;
  var ATTEMPTS = 5;

  function wait(milliseconds) { return new Promise(function (done) { setTimeout(done, milliseconds); }); }

  function upload(form) {
    var input = form.querySelector("input[type=file]");
    var drop = form.querySelector(".drop");
    var button = form.querySelector("button");
    var bar = form.querySelector("progress");
    var told = form.querySelector(".upload-progress");
    var problem = form.querySelector(".errornote");
    var token = form.querySelector("[name=csrfmiddlewaretoken]").value;

    function fail(sentence) {
      problem.textContent = sentence;
      problem.hidden = false;
      told.hidden = true;
      button.disabled = false;
    }

    function ask(address, body) {
      return fetch(address, { method: "POST", body: body, headers: { "X-CSRFToken": token }, redirect: "error" });
    }

    function show(received, size) {
      var percent = Math.floor(100 * received / size);
      bar.value = percent;
      told.querySelector("span").textContent = percent + " % " + form.dataset.sent;
    }

    async function send(file, start) {
      var received = start.received;
      var failures = 0;
      while (received < file.size) {
        show(received, file.size);
        try {
          var answer = await ask(start.piece + "?offset=" + received, file.slice(received, received + PIECE));
          var said = await answer.json();
          if (!answer.ok && answer.status !== 409) throw said;
          received = said.received;
          failures = 0;
        } catch (error) {
          failures += 1;
          if (error.problem) return fail(error.problem);
          if (failures === ATTEMPTS) return fail(form.dataset.lost);
          await wait(1000 * failures);
        }
      }
      show(received, file.size);
      location.assign(start.page);
    }

    async function take(files) {
      var file = files[0];
      problem.hidden = true;
      if (files.length > 1) return fail(form.dataset.several);
      if (!file) return;
      if (!file.size) return fail(form.dataset.empty);
      if (file.size > Number(form.dataset.largest)) return fail(form.dataset.tooLarge);
      button.disabled = true;
      told.hidden = false;
      var about = new FormData();
      about.append("name", file.name);
      about.append("size", file.size);
      about.append("modified", file.lastModified);
      try {
        var answer = await ask(form.dataset.begin, about);
        var start = await answer.json();
        if (!answer.ok) return fail(start.problem);
        await send(file, start);
      } catch (_error) { fail(form.dataset.lost); }
    }

    form.addEventListener("submit", function (event) {
      event.preventDefault();
      take(input.files);
    });
    ["dragenter", "dragover"].forEach(function (name) {
      form.addEventListener(name, function (event) {
        event.preventDefault();
        drop.classList.add("over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      form.addEventListener(name, function () { drop.classList.remove("over"); });
    });
    form.addEventListener("drop", function (event) {
      event.preventDefault();
      take(event.dataTransfer.files);
    });
  }

  function follow(section) {
    var bar = section.querySelector("progress");
    var said = section.querySelector("[role=status]");
    var last = "";

    function show(pace) {
      if (pace.percent === null) bar.removeAttribute("value"); else bar.value = pace.percent;
      section.querySelector(".percent").textContent = pace.percent === null ? "" : pace.percent + " %";
      section.querySelector(".sentence").textContent = pace.sentence;
      section.querySelector(".left").textContent = pace.left;
      /* A screen reader hears each tenth of the way, and every new sentence that is not a count. */
      var heard = pace.percent === null ? pace.sentence : Math.floor(pace.percent / 10) * 10 + " %";
      if (heard !== last) said.textContent = last = heard;
    }

    async function look() {
      try {
        var answer = await fetch(section.dataset.address, { redirect: "error" });
        if (answer.ok) {
          var pace = await answer.json();
          if (!pace.is_busy) return location.reload();
          show(pace);
        }
      } catch (_error) { /* the server is being started again: it goes on */ }
      setTimeout(look, 1000);
    }
    setTimeout(look, 500);
  }

  document.querySelectorAll("form#upload").forEach(upload);
  document.querySelectorAll("#progress").forEach(follow);
})();
