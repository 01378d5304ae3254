/* A link to join or to a new password carries its secret behind the #, which browsers send to nobody: it is put into the
   form, and taken out of the address and the history of the browser. */
"use strict";

const secret = window.location.hash.slice(1);
if (secret) {
  document.querySelector("#link-form [name=link]").value = secret;
  window.history.replaceState(null, "", window.location.pathname);
}
