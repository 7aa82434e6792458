//! A line of rates.

use eframe::egui::{Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::rates::Rates;

/// Draws the rates over the width that is left, the highest at the top.
pub(super) fn show(ui: &mut Ui, name: &str, rates: &Rates, height: f32) {
    let (area, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let latest = format!("{name}: {}/s", super::size(rates.latest()));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &latest));
    let visuals = ui.visuals();
    let painter = ui.painter_at(area);
    painter.rect_filled(area, 2.0, visuals.extreme_bg_color);
    let highest = rates.values().fold(1.0, f64::max);
    let step = area.width() / (rates.values().len().max(FEWEST) - 1) as f32;
    let points = rates.values().enumerate().map(|(index, rate)| {
        let high = (rate / highest) as f32 * (area.height() - 2.0);
        pos2(area.left() + step * index as f32, area.bottom() - 1.0 - high)
    });
    painter.add(Shape::line(points.collect(), Stroke::new(1.5, visuals.hyperlink_color)));
}

/// So many rates fill the width; more are drawn closer together.
const FEWEST: usize = 20;
