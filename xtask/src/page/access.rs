//! Whether everybody can use the page: labels, keys, focus, small windows.

use anyhow::{Result, ensure};
use serde_json::json;

use super::person::Person;
use crate::browser::Colours;

/// What can be used has a name; all of it is reached by the tab key, in the order in which it stands there, and seen to be.
pub(super) async fn everything_has_a_label_and_can_be_reached(person: &Person<'_>) -> Result<()> {
    person.open("everything has a label and can be reached by keys").await?;
    person.picture("start").await?;
    let nameless = person.asks(NAMELESS).await?;
    ensure!(nameless == json!([]), "without a label: {nameless}");
    let expected = person.asks(&format!("{FOCUSABLE} return focusable.map(name);")).await?;
    let count = expected.as_array().map_or(0, Vec::len);
    ensure!(count > 15, "only {expected} can be used");
    let mut reached = Vec::new();
    for _ in 0..count {
        person.tabs().await?;
        let [name, is_seen] = [FOCUSED, FOCUS_IS_SEEN].map(|script| person.asks(script));
        let (name, is_seen) = (name.await?, is_seen.await?);
        ensure!(is_seen == json!(true), "the focus on {name} is not seen");
        reached.push(name);
    }
    ensure!(json!(reached) == expected, "the tab key reaches {reached:?} instead of {expected}");
    Ok(())
}

/// Without a mouse one connects, sends, receives and closes.
pub(super) async fn a_keyboard_is_enough(person: &Person<'_>) -> Result<()> {
    person.open("a keyboard is enough").await?;
    person.tabs_to("connect").await?;
    person.strikes(" ").await?;
    person.sees("#messages [data-fact=state]", "^open$").await?;
    person.tabs_to("kind-text").await?;
    person.strikes(ARROW_RIGHT).await?;
    person.sees("#message-label", "^Bytes").await?;
    person.strikes(ARROW_LEFT).await?;
    person.sees("#message-label", "^Message$").await?;
    person.tabs_to("message").await?;
    person.strikes("!").await?;
    person.tabs_to("send").await?;
    person.strikes(ENTER).await?;
    person.sees("#log li.received", "!").await?;
    person.tabs_to("sample").await?;
    person.strikes(" ").await?;
    person.sees("#verdict", "came back as it was sent").await?;
    person.tabs_back_to("close").await?;
    person.strikes(ENTER).await?;
    person.sees("#messages [data-fact=closed]", "^1000, “bye”, clean$").await.map(drop)
}

/// All text stands out from what is behind it, in the colours that the person prefers (WCAG 2.2, 1.4.3).
pub(super) async fn everything_can_be_read(person: &Person<'_>) -> Result<()> {
    person.open("everything can be read").await?;
    let is_dark = person.asks("return matchMedia('(prefers-color-scheme: dark)').matches").await?;
    ensure!(is_dark == json!(person.colours == Colours::Dark), "the browser prefers other colours");
    person.types("url", "ws:").await?;
    person.presses("#connect").await?;
    person.presses("#send").await?;
    person.presses("#sample").await?;
    person.sees("#verdict", "failed").await?;
    let ground = person.asks(&format!("{COLOURS} return luminance(ground(document.body));")).await?;
    let is_dark_ground = ground.as_f64().is_some_and(|ground| ground < 0.2);
    ensure!(is_dark_ground == (person.colours == Colours::Dark), "the ground has a luminance of {ground}");
    let faint = person.asks(&format!("{COLOURS} {FAINT}")).await?;
    ensure!(faint == json!([]), "too faint: {faint}");
    Ok(())
}

/// On a phone with everything on it nothing has to be moved sideways to be read.
pub(super) async fn nothing_is_wider_than_the_window(person: &Person<'_>) -> Result<()> {
    person.open("nothing is wider than a phone").await?;
    let width = person.asks("return innerWidth").await?;
    ensure!(width == json!(360), "the window is {width} pixels wide");
    let long = "0123456789".repeat(30);
    person.types("message", &long).await?;
    person.presses("#connect").await?;
    person.sees("#messages [data-fact=state]", "^open$").await?;
    person.presses("#send").await?;
    person.sees("#log", &format!("received.*{long}")).await?;
    person.types("url", &format!("ws://{}", "x".repeat(200))).await?;
    person.presses("#sample").await?;
    person.sees("#transfer [data-fact=kind]", "CannotConnect").await?;
    let wide = person.asks(WIDE).await?;
    ensure!(wide == json!([]), "wider than the window: {wide}");
    person.picture("long-words").await
}

const ENTER: &str = "\u{e007}";
const ARROW_LEFT: &str = "\u{e012}";
const ARROW_RIGHT: &str = "\u{e014}";

/// As WCAG computes them. A ground is that of the nearest element that has one.
const COLOURS: &str = "
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (c) => c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
    const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (element) => {
        for (; element; element = element.parentElement) {
            const found = channels(getComputedStyle(element).backgroundColor);
            if (found.length === 3 || found[3] === 1) return found;
        }
        return [255, 255, 255];
    };";

const FAINT: &str = "
    const contrast = (element) => {
        const [a, b] = [channels(getComputedStyle(element).color), ground(element)].map(luminance);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const texts = [...document.querySelectorAll('body *')].filter((element) =>
        (hasText(element) || element.matches('input')) && element.checkVisibility() && !element.matches('script, [type=radio]'));
    if (texts.length < 30) return `only ${texts.length} texts are seen`;
    const faint = texts.filter((element) => contrast(element) < 4.5);
    return faint.map((element) => `${contrast(element).toFixed(1)}: ${element.outerHTML.slice(0, 100)}`);";

const NAMELESS: &str = "
    const used = document.querySelectorAll('a, button, input, select, textarea, summary, progress, [role=img], [role=log]');
    const name = (element) => element.labels?.length ? element.labels[0].innerText
        : element.getAttribute('aria-label') ?? (element.hasAttribute('aria-labelledby')
        ? document.getElementById(element.getAttribute('aria-labelledby')).innerText : element.innerText);
    return [...used].filter((element) => !name(element)?.trim()).map((element) => element.outerHTML);";

/// Of radio buttons only the chosen one is a stop.
const FOCUSABLE: &str = "
    const name = (element) => element.id || `${element.localName} in ${element.closest('section')?.id}`;
    const all = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]');
    const focusable = [...all].filter((element) => !(element.type === 'radio' && !element.checked));";

const FOCUSED: &str = "
    const element = document.activeElement;
    return element.id || `${element.localName} in ${element.closest('section')?.id}`;";

/// The focus of what is itself invisible is shown beside it.
const FOCUS_IS_SEEN: &str = "
    const element = document.activeElement;
    const shown = element.type === 'radio' ? element.nextElementSibling : element;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;";

const WIDE: &str = "
    const width = document.documentElement.clientWidth;
    const isHidden = (element) => element.matches('.skip, .skip *');
    const isBeyond = (element) => element.getBoundingClientRect().right > width + 0.5;
    // What is typed may be longer than its field.
    const scrolls = (element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1
        && !element.matches('input, select');
    const wide = [...document.querySelectorAll('body *')].filter((element) =>
        (isBeyond(element) || scrolls(element)) && !isHidden(element));
    if (document.documentElement.scrollWidth > width) wide.push(document.documentElement);
    return wide.map((element) => element.outerHTML.slice(0, 120));";
