//! The paths of the peer: `README.md` has their table.

use std::io;

use crate::connection::Connection;
use crate::faults::Fault;
use crate::http::{BadParameter, Head, Query};
use crate::inspection::Inspection;
use crate::login::Login;
use crate::raw_half::Raw;
use crate::record::Records;
use crate::tungstenite_half::WellBehaved;

/// What a URL asks for.
#[derive(Debug)]
pub(crate) enum Route {
    WellBehaved(WellBehaved),
    Raw(Raw),
    Fault(Fault),
    Login(Login),
    Inspect(Inspection),
}

impl Route {
    /// `None`: there is no such path.
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        if let Some(route) = WellBehaved::parse(path, query)? {
            return Ok(Some(Self::WellBehaved(route)));
        }
        if let Some(route) = Raw::parse(path, query)? {
            return Ok(Some(Self::Raw(route)));
        }
        if let Some(route) = Fault::parse(path, query)? {
            return Ok(Some(Self::Fault(route)));
        }
        if let Some(login) = Login::parse(path, query)? {
            return Ok(Some(Self::Login(login)));
        }
        Ok(Inspection::parse(path, query)?.map(Self::Inspect))
    }

    /// Behaves until the client's side of TCP has ended.
    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head, records: &Records) -> io::Result<()> {
        match self {
            Self::WellBehaved(route) => route.serve(connection, head).await,
            Self::Raw(route) => route.serve(connection, head).await,
            Self::Fault(fault) => fault.serve(connection, head).await,
            Self::Login(login) => login.serve(connection, head).await,
            Self::Inspect(inspection) => inspection.serve(connection, head, records).await,
        }
    }
}
