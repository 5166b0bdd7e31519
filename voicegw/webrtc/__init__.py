"""WebRTC: the only importer of aiortc and PyAV."""
