// Before the first paint: the colour scheme that was chosen here, else the system's, as it changes; and its switch.
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    root.dataset.theme = localStorage.getItem("neurond.theme") ?? (system.matches ? "dark" : "light");
  };
  system.addEventListener("change", apply);
  addEventListener("storage", apply); // chosen in another tab
  addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    localStorage.setItem("neurond.theme", root.dataset.theme === "dark" ? "light" : "dark");
    apply();
  });
  apply();
}
