// The code of a link stands behind its #, which no server sees: put it into the field, and out of the address.
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  document.getElementById("code").value = code;
  history.replaceState(null, "", location.pathname);
  document.getElementById("new").focus();
}
