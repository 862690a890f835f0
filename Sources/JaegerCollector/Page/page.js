// Shows the view of the current address, with data from the query API. Data is inserted as text only, never as markup,
// and errors are shown on the page.

import { pageOf } from "./address.mjs";
import { request, startView, errorText, go, main, onShow, show } from "./dom.mjs";
import { showSearch } from "./search.mjs";
import { storeText } from "./texts.mjs";
import { showTrace } from "./trace.mjs";

/** Shows an error above the current view. */
function complain(error) {
  main.prepend(errorText(`The page could not be drawn: ${error && error.message || error}`));
}

async function showView() {
  const isShown = startView();
  const page = pageOf(location.pathname);
  try {
    if (page.name === "trace") await showTrace(page.id, isShown);
    else if (page.name === "search") await showSearch(isShown);
    else main.replaceChildren(errorText(page.reason));
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
    document.getElementById("footer").textContent = storeText(await request("/api/store"));
  } catch { /* the collector cannot be reached, which the view above shows */ }
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
