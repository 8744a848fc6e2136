/** Where *leave* goes: the month on a page, of which nothing can be asked. */
const page = document.querySelector('#page');
const [locale = 'fr'] = navigator.languages;
const today = new Date();
const month = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(today);

document.documentElement.lang = locale;
document.documentElement.dir = locale.startsWith('ar') ? 'rtl' : 'ltr';
document.title = month;
page?.append(heading(), calendar());

function heading(): HTMLElement {
  return Object.assign(document.createElement('h1'), { textContent: month });
}

/** Weeks begin on Monday. */
function calendar(): HTMLTableElement {
  const table = Object.assign(document.createElement('table'), { className: 'calendar' });
  const first = new Date(today.getFullYear(), today.getMonth(), 1);
  const length = new Date(today.getFullYear(), today.getMonth() + 1, 0).getDate();
  const before = (first.getDay() + 6) % 7;
  for (let cell = 0; cell < before + length; cell++) {
    const row =
      cell % 7 === 0 ? table.insertRow() : (table.rows.item(table.rows.length - 1) ?? table.insertRow());
    const day = cell - before + 1;
    const td = row.insertCell();
    if (day > 0) td.textContent = String(day);
    if (day === today.getDate()) td.setAttribute('aria-current', 'date');
  }
  return table;
}
