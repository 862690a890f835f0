// Shows the view that the address names, from the answers of the query API. Data enters the document as text only, never
// as markup, and what fails is said on the page.

import { pageOf } from "./address.mjs";
import { ask, beginView, faultText, go, main, onShow, show } from "./dom.mjs";
import { showSearch } from "./search.mjs";
import { storeText } from "./texts.mjs";
import { showTrace } from "./trace.mjs";

/** Says what went wrong, over whatever is shown. */
function complain(error) {
  main.prepend(faultText(`The page could not be drawn: ${error && error.message || error}`));
}

async function showView() {
  const isShown = beginView();
  const page = pageOf(location.pathname);
  try {
    if (page.name === "trace") await showTrace(page.id, isShown);
    else if (page.name === "search") await showSearch(isShown);
    else main.replaceChildren(faultText(page.reason));
  } catch (error) {
    if (isShown()) {
      main.replaceChildren();
      complain(error);
    }
  }
  await showStore();
}

async function showStore() {
  try {
    document.getElementById("footer").textContent = storeText(await ask("/api/store"));
  } catch { /* the collector is away: the view above says so */ }
}

addEventListener("error", (event) => complain(event.error || event.message));
addEventListener("unhandledrejection", (event) => complain(event.reason));
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-link]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
document.getElementById("lookup").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = new FormData(event.target).get("id").trim();
  if (id) go(`/trace/${encodeURIComponent(id)}`);
});
onShow(showView);
addEventListener("popstate", show);
show();
