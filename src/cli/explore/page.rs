//! The page.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

/// A page with everything in it: the forms as JSON, and the script and style that show them.
pub fn page(title: &str, functions: &[Value], handlers: &BTreeMap<String, Vec<String>>) -> Result<String> {
    let data = json!({ "title": title, "functions": functions, "handlers": handlers });
    // So that nothing in it ends the element that holds it.
    let data = serde_json::to_string(&data)?.replace('<', "\\u003c");
    let parts = [
        ("%TITLE%", escaped(title)),
        ("%STYLE%", include_str!("page.css").to_owned()),
        ("%SCRIPT%", include_str!("page.js").to_owned()),
        ("%DATA%", data),
    ];
    // What is put in is not searched again: it may contain anything.
    let mut page = String::new();
    let mut rest = include_str!("page.html");
    for (mark, part) in &parts {
        let (before, after) = rest.split_once(mark).unwrap_or_else(|| unreachable!("the page has {mark}"));
        page += before;
        page += part;
        rest = after;
    }
    Ok(page + rest)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_element() {
        let functions = [json!({ "title": "</script><b>", "text": "%SCRIPT%" })];
        let page = page("a<b>", &functions, &BTreeMap::new()).expect("is JSON");
        assert!(page.contains("<title>a&lt;b>"), "{page}");
        assert_eq!(page.matches("</script>").count(), 3, "{page}");
        assert!(page.contains("%SCRIPT%"));
    }
}
