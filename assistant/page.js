() => {
  // Sources, copying and scrolling happen in the browser: no round trip, and
  // they work while an answer is still being written.
  const desk = window.matchMedia("(min-width: 1080px)");
  const panel = document.createElement("dialog");
  panel.id = "ww-paneel";
  panel.setAttribute("aria-labelledby", "ww-paneeltitel");
  panel.innerHTML =
    '<div class="ww-paneelkop"><span id="ww-paneeltitel">Bron</span>' +
    '<button type="button" class="ww-sluit">Sluiten</button></div><div class="ww-inhoud"></div>';
  (document.querySelector(".gradio-container") || document.body).append(panel);
  let opener = null;

  const openSource = (button) => {
    const turn = button.closest(".ww-beurt");
    const source = turn && turn.querySelector(".ww-bronnen").children[Number(button.dataset.bron)];
    if (!source) return;
    if (panel.open) panel.close();
    opener = button;
    panel.querySelector(".ww-inhoud").innerHTML = source.innerHTML;
    panel.querySelector("#ww-paneeltitel").textContent = source.querySelector("h2").textContent;
    if (desk.matches) panel.show();
    else panel.showModal();
    panel.querySelector(".ww-sluit").focus({ preventScroll: true });
    const mark = panel.querySelector("mark");
    const below = mark.offsetTop + mark.offsetHeight > panel.clientHeight;
    panel.scrollTop = below ? mark.offsetTop - panel.clientHeight / 3 : 0;
  };

  panel.addEventListener("close", () => {
    if (opener && opener.isConnected) opener.focus({ preventScroll: true });
    opener = null;
  });
  panel.addEventListener("click", (event) => {
    // A click on the backdrop of the sheet lands on the dialog itself.
    if (event.target === panel || event.target.closest(".ww-sluit")) panel.close();
  });
  desk.addEventListener("change", () => panel.open && panel.close());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.open) panel.close();
  });

  const copyByHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (button) => {
    const text = button.dataset.kopieer;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyByHand(text);
    }
    const status = button.parentElement.querySelector(".ww-status");
    status.textContent = done ? "Gekopieerd." : "Kopiëren lukt niet in deze browser.";
    button.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const source = event.target.closest("[data-bron]");
    if (source) openSource(source);
    const text = event.target.closest("[data-kopieer]");
    if (text) copy(text);
  });

  // A new question goes to the top of the screen; after that nothing scrolls by itself.
  let turns = 0;
  const talk = document.querySelector("#ww-beurten");
  new MutationObserver(() => {
    const all = talk.querySelectorAll(".ww-beurt");
    if (all.length > turns) all[all.length - 1].scrollIntoView({ block: "start" });
    if (all.length < turns && panel.open) panel.close();
    turns = all.length;
  }).observe(talk, { childList: true, subtree: true });

  if (desk.matches) document.querySelector(".ww-documenten").open = true;

  // Gradio reports a lost server in English; its own report is hidden.
  new MutationObserver(() => {
    if (!document.querySelector(".toast-body.error") || document.querySelector("#ww-verbinding")) return;
    const bar = document.createElement("div");
    bar.id = "ww-verbinding";
    bar.setAttribute("role", "alert");
    bar.textContent = "Er ging iets mis met de verbinding. Laad de pagina opnieuw en stel uw vraag nog eens.";
    document.body.append(bar);
  }).observe(document.body, { childList: true, subtree: true });
};
