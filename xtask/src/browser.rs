//! The browsers of the tests, and the WebDriver servers that drive them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::{Map, Value};

use crate::{apt, project, tools};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
}

/// What the page is told of the preferred colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colours {
    Light,
    Dark,
}

impl Browser {
    pub(crate) const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
        }
    }

    /// The variable by which wasm-bindgen-test-runner is told where the driver is, and so which browser to use.
    pub(crate) fn driver_variable(self) -> &'static str {
        match self {
            Self::Chromium => "CHROMEDRIVER",
            Self::Firefox => "GECKODRIVER",
        }
    }

    /// Finds browser and driver, after installing what is missing. Returns the path of the driver.
    pub(crate) fn ensure(self) -> Result<PathBuf> {
        self.ensure_browser().with_context(|| format!("{} is missing", self.name()))?;
        match self {
            Self::Chromium => which::which("chromedriver").context("chromedriver is missing"),
            Self::Firefox => tools::geckodriver().ensure(),
        }
    }

    /// The flags of tests/web/webdriver.json for this browser, as WebDriver capabilities.
    pub(crate) fn capabilities(self) -> Result<Map<String, Value>> {
        let path = project::webdriver_json();
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut all: Map<String, Value> = serde_json::from_slice(&text)?;
        let (key, options) = all
            .remove_entry(self.options_key())
            .with_context(|| format!("{} lacks {}", path.display(), self.options_key()))?;
        Ok(Map::from_iter([(key, options)]))
    }

    /// The same for a browser whose user prefers these colours.
    pub(crate) fn capabilities_in(self, colours: Colours) -> Result<Map<String, Value>> {
        let mut capabilities = self.capabilities()?;
        let options = &mut capabilities[self.options_key()];
        match (self, colours) {
            (_, Colours::Light) => {}
            (Self::Chromium, Colours::Dark) => {
                let arguments = options["args"].as_array_mut().context("the flags are no list")?;
                arguments.push("--force-dark-mode".into());
            }
            (Self::Firefox, Colours::Dark) => {
                // 0 is dark, 1 is light, 2 is that of the system.
                options["prefs"]["layout.css.prefers-color-scheme.content-override"] = 0.into();
            }
        }
        Ok(capabilities)
    }

    fn ensure_browser(self) -> Result<()> {
        if self.is_installed() {
            return Ok(());
        }
        apt::install(self.packages())
    }

    fn is_installed(self) -> bool {
        let found = |name: &str| which::which(name).is_ok();
        match self {
            Self::Chromium => found("chromedriver") && ["chromium", "google-chrome"].into_iter().any(found),
            Self::Firefox => ["firefox", "firefox-esr"].into_iter().any(found),
        }
    }

    /// The names of Debian.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-driver"],
            Self::Firefox => &["firefox-esr"],
        }
    }

    fn options_key(self) -> &'static str {
        match self {
            Self::Chromium => "goog:chromeOptions",
            Self::Firefox => "moz:firefoxOptions",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_browser_has_flags() {
        for browser in Browser::ALL {
            let capabilities = browser.capabilities().expect("webdriver.json is sound");
            assert!(capabilities[browser.options_key()]["args"].is_array(), "{capabilities:?}");
        }
    }
}
