"""Messages between a cell, a worker and the supervisor.

Four links, one vocabulary:

* **call link**, cell and worker, one SEQPACKET socket per call: a ``Frame`` for every 20 ms one way, ``Speech``
  the other way, and the rest now and then;
* **cell link**, supervisor and cell, one per cell: which calls want a worker, which worker they get (its
  socket travels beside ``WorkerAssigned``, SCM_RIGHTS);
* **nursery link**, supervisor and nursery (the process that forks workers);
* **hearing link**, worker and listener (the process that hears for all calls), one per worker.

Every time is in milliseconds on the media clock of its call: 0 is when the call began at the cell, and a
frame's ``at_ms`` grows by 20. Audio is 16-bit little-endian mono PCM at 8 kHz.
"""

from voicegw.wire.call_messages import FRAME_BYTES as FRAME_BYTES
from voicegw.wire.call_messages import FRAME_MS as FRAME_MS
from voicegw.wire.call_messages import PROTOCOL_VERSION as PROTOCOL_VERSION
from voicegw.wire.call_messages import RATE_HZ as RATE_HZ
from voicegw.wire.call_messages import (
    AnswerCall,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallStarted,
    CallUnheld,
    ClearPlayout,
    ConsultPerson,
    DigitPressed,
    Frame,
    Frames,
    GatherFrames,
    HangUp,
    Heartbeat,
    JoinPerson,
    PausePlayout,
    PlayoutEnded,
    PlayoutPaused,
    PlayoutStarted,
    ResumePlayout,
    SendDigits,
    Speech,
    SpeechEnded,
    TakeDialplan,
    TransferCall,
    TransferProgressed,
    WorkerReady,
)
from voicegw.wire.hearing_messages import ListenerReady, UtteranceBegan, WordsHeard, WordsUnwanted, WordsWanted
from voicegw.wire.service_messages import (
    CallOrdered,
    CallProgressed,
    CallTurnedAway,
    CellPulse,
    CellReady,
    DialplanLoaded,
    Drain,
    Ease,
    ForgetDialplan,
    ForkWorker,
    LoadDialplan,
    NurseryReady,
    PlaceCall,
    ReportTold,
    ReportWanted,
    Stop,
    TryDialplan,
    WebReady,
    WorkerAssigned,
    WorkerExited,
    WorkerForked,
    WorkerLost,
    WorkerReturned,
    WorkerWanted,
    WrapUp,
)

Message = (
    CallStarted
    | CallAnswered
    | Frame
    | DigitPressed
    | PlayoutStarted
    | PlayoutPaused
    | PlayoutEnded
    | CallHeld
    | CallUnheld
    | TransferProgressed
    | CallEnded
    | WorkerReady
    | AnswerCall
    | Speech
    | SpeechEnded
    | PausePlayout
    | ResumePlayout
    | ClearPlayout
    | SendDigits
    | TransferCall
    | HangUp
    | Heartbeat
    | CellReady
    | WorkerWanted
    | WorkerAssigned
    | CallTurnedAway
    | WorkerLost
    | PlaceCall
    | CallProgressed
    | Drain
    | Stop
    | CellPulse
    | NurseryReady
    | ForkWorker
    | WorkerForked
    | WorkerExited
    | LoadDialplan
    | DialplanLoaded
    | ForgetDialplan
    | TakeDialplan
    | WrapUp
    | ConsultPerson
    | JoinPerson
    | WebReady
    | WorkerReturned
    | CallOrdered
    | ReportWanted
    | ReportTold
    | Ease
    | TryDialplan
    | Frames
    | GatherFrames
    | ListenerReady
    | UtteranceBegan
    | WordsWanted
    | WordsUnwanted
    | WordsHeard
)
"""Any message. The order is the numbering on the wire: append, never insert; see ``codec``."""
