// Filters the questions that went wrong; without scripts all of them are shown.
const form = document.getElementById("filter");
const questions = [...document.querySelectorAll(".vraag")];

function filter() {
  const { systeem, soort, rol, woord } = Object.fromEntries(new FormData(form));
  let shown = 0;
  for (const question of questions) {
    const { fout, soort: kind, rol: role } = question.dataset;
    const fits =
      (!systeem || fout.split(" ").includes(systeem)) &&
      (!soort || soort === kind) &&
      (!rol || rol === role) &&
      question.textContent.toLowerCase().includes(woord.toLowerCase());
    question.hidden = !fits;
    shown += fits;
  }
  form.querySelector("output").textContent = `${shown} vragen`;
}

// A link to a question shows it, whatever is filtered.
function follow() {
  const question = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!question?.classList.contains("vraag")) return;
  question.hidden = false;
  question.open = true;
  question.scrollIntoView();
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", follow);
filter();
follow();
