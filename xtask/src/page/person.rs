//! What a person does with a page: type, press, look, wait.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::browser::{Browser, Colours};
use crate::project;

/// The folder for the pictures of this browser, emptied.
pub(super) fn pictures(browser: Browser) -> Result<PathBuf> {
    let folder = project::target()?.join("screenshots").join(browser.name().to_lowercase());
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Somebody with a browser.
pub(super) struct Person<'a> {
    pub(super) client: &'a Client,
    /// Host and port of the page.
    pub(super) site: &'a str,
    pub(super) browser: Browser,
    pub(super) colours: Colours,
    pictures: &'a Path,
    is_phone: Cell<bool>,
}

impl<'a> Person<'a> {
    /// At a desk, in front of a window in which all of the page can be seen.
    pub(super) async fn new(
        client: &'a Client,
        site: &'a str,
        pictures: &'a Path,
        browser: Browser,
        colours: Colours,
    ) -> Result<Self> {
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE * 2), Some(PATIENCE), Some(Duration::ZERO));
        client.update_timeouts(timeouts).await?;
        client.set_window_size(1280, 2000).await?;
        Ok(Self { client, site, browser, colours, pictures, is_phone: false.into() })
    }

    /// Goes on with a phone.
    pub(super) async fn on_a_phone(&self) -> Result<()> {
        self.client.set_window_size(500, 3500).await?;
        self.is_phone.set(true);
        Ok(())
    }

    /// Opens the page anew.
    pub(super) async fn open(&self, what: &str) -> Result<()> {
        println!("    {what}");
        if self.is_phone.get() {
            // What is seen before the frame is there would be that of the frame before.
            self.client.goto(&format!("http://{}/phone", self.site)).await?;
            self.client.enter_frame(0).await?;
        } else {
            self.client.goto(&format!("http://{}/", self.site)).await?;
        }
        self.waits_for("document.documentElement?.dataset.ready === 'yes'").await.context("the page does not start")
    }

    /// Replaces what is in a field.
    pub(super) async fn types(&self, id: &str, text: &str) -> Result<()> {
        let field = self.client.find(Locator::Id(id)).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Moves the focus on by the tab key.
    pub(super) async fn tabs(&self) -> Result<()> {
        self.acts([down(TAB), up(TAB)]).await
    }

    /// Moves the focus on to this element.
    pub(super) async fn tabs_to(&self, id: &str) -> Result<()> {
        self.walks_to(id, [down(TAB), up(TAB)]).await
    }

    /// Moves the focus back to this element.
    pub(super) async fn tabs_back_to(&self, id: &str) -> Result<()> {
        self.walks_to(id, [down(SHIFT), down(TAB), up(TAB), up(SHIFT)]).await
    }

    /// Strikes keys, wherever the focus is.
    pub(super) async fn strikes(&self, keys: &str) -> Result<()> {
        self.acts(keys.chars().flat_map(|key| [down(key), up(key)])).await
    }

    /// Picks a file.
    pub(super) async fn picks(&self, id: &str, path: &str) -> Result<()> {
        Ok(self.client.find(Locator::Id(id)).await?.send_keys(path).await?)
    }

    pub(super) async fn chooses(&self, id: &str, value: &str) -> Result<()> {
        Ok(self.client.find(Locator::Id(id)).await?.select_by_value(value).await?)
    }

    /// Presses a button, or the label of something.
    pub(super) async fn presses(&self, selector: &str) -> Result<()> {
        Ok(self.client.find(Locator::Css(selector)).await?.click().await?)
    }

    /// Waits until the element shows a text that matches the pattern, and gives the text.
    pub(super) async fn sees(&self, selector: &str, pattern: &str) -> Result<String> {
        let shown = format!("document.querySelector({})?.innerText", json!(selector));
        let told = self.observes(&format!("new RegExp({}, 's').test({shown})", json!(pattern))).await?;
        let text = self.asks(&format!("return {shown}")).await?;
        ensure!(told, "{selector} shows {text} instead of {pattern:?}");
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the expression is true.
    pub(super) async fn waits_for(&self, expression: &str) -> Result<()> {
        let told = self.observes(expression).await?;
        ensure!(told, "this never was so: {expression}");
        Ok(())
    }

    /// What a script returns.
    pub(super) async fn asks(&self, script: &str) -> Result<Value> {
        self.runs(script, Vec::new()).await
    }

    pub(super) async fn runs(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Leaves a picture of the page.
    pub(super) async fn picture(&self, name: &str) -> Result<()> {
        let device = if self.is_phone.get() { "phone-" } else { "" };
        let colours = if self.colours == Colours::Dark { "dark-" } else { "" };
        let path = self.pictures.join(format!("{colours}{device}{name}.png"));
        let picture = if self.is_phone.get() {
            self.client.clone().enter_parent_frame().await?;
            let picture = self.client.find(Locator::Css("iframe")).await?.screenshot().await?;
            self.client.enter_frame(0).await?;
            picture
        } else {
            self.client.screenshot().await?
        };
        fs::write(&path, picture).with_context(|| format!("cannot write {}", path.display()))
    }

    async fn walks_to(&self, id: &str, step: impl IntoIterator<Item = KeyAction> + Clone) -> Result<()> {
        for _ in 0..MOST_STOPS {
            self.acts(step.clone()).await?;
            if self.asks("return document.activeElement.id").await? == json!(id) {
                return Ok(());
            }
        }
        bail!("the tab key does not lead to #{id}")
    }

    async fn acts(&self, actions: impl IntoIterator<Item = KeyAction>) -> Result<()> {
        let keyboard = KeyActions::new("keyboard".to_owned());
        Ok(self.client.perform_actions(actions.into_iter().fold(keyboard, KeyActions::then)).await?)
    }

    /// Whether the expression becomes true in time: it is looked at whenever the page changes.
    async fn observes(&self, expression: &str) -> Result<bool> {
        let script = format!(
            "const [patience, done] = arguments;
            const holds = () => {expression};
            const end = (result) => {{ observer.disconnect(); clearTimeout(timer); done(result); }};
            const observer = new MutationObserver(() => holds() && end(true));
            const timer = setTimeout(() => end(Boolean(holds())), patience);
            observer.observe(document, {{ attributes: true, characterData: true, childList: true, subtree: true }});
            if (holds()) end(true);"
        );
        let told = self.client.execute_async(&script, vec![json!(PATIENCE.as_millis() as u64)]).await?;
        Ok(told == json!(true))
    }
}

fn down(value: char) -> KeyAction {
    KeyAction::Down { value }
}

fn up(value: char) -> KeyAction {
    KeyAction::Up { value }
}

/// Keys without characters, as WebDriver writes them.
const TAB: char = '\u{e004}';
const SHIFT: char = '\u{e008}';
/// More than the page has.
const MOST_STOPS: usize = 40;
/// How long somebody waits for something; it must outlast a machine that does something else.
const PATIENCE: Duration = Duration::from_secs(90);
