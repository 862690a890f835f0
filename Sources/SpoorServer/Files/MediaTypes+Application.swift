/// The known media types of the top-level type `application`, by the suffixes of file names.
///
/// The suffixes are those of IANA's registry and those in common use, as in Debian's list of media types, with a few
/// additions.
extension MediaTypes {
    /// The types and their suffixes, `type=suffix,suffix`, by the prefix of the types.
    static let applicationTypes: [(prefix: String, types: String)] = [
        (
            "application/",
            """
            A2L=a2l AML=aml andrew-inset=ez annodex=anx ATF=atf ATFX=atfx atom+xml=atom
            atomcat+xml=atomcat atomdeleted+xml=atomdeleted atomserv+xml=atomsrv atomsvc+xml=atomsvc
            atsc-dwd+xml=dwd atsc-held+xml=held atsc-rsat+xml=rsat ATXML=atxml auth-policy+xml=apxml
            automationml-amlx+zip=amlx bacnet-xdd+zip=xdd bbolin=lin calendar+xml=xcs cbor=cbor
            cccex=c3ex ccmp+xml=ccmp ccxml+xml=ccxml CDFX+XML=cdfx cdmi-capability=cdmia
            cdmi-container=cdmic cdmi-domain=cdmid cdmi-object=cdmio cdmi-queue=cdmiq CEA=cea
            cellml+xml=cellml,cml clr=1clr clue_info+xml=clue cms=cmsc cpl+xml=cpl csrattrs=csrattrs
            cu-seeme=cu cwl=cwl cwl+json=cwl.json dash+xml=mpd dashdelta=mpdd davmount+xml=davmount
            DCD=dcd dicom=dcm DII=dii DIT=dit dskpp+xml=xmls dsptype=tsp dssc+der=dssc
            dssc+xml=xdssc dvcs=dvc efi=efi emma+xml=emma emotionml+xml=emotionml epub+zip=epub
            exi=exi express=exp fastinfoset=finf fdf=fdf fdt+xml=fdt font-tdpfr=pfr futuresplash=spl
            geo+json=geojson geopackage+sqlite3=gpkg gltf-buffer=glbin,glbuf gml+xml=gml gpx+xml=gpx
            gzip=gz hta=hta hyperstudio=stk inkml+xml=ink,inkml ipfix=ipfix its+xml=its
            java-archive=jar java-serialized-object=ser java-vm=class jrd+json=jrd
            json=json,map,topojson json-patch+json=json-patch jsonl=jsonl ld+json=jsonld lgr+xml=lgr
            link-format=wlnk lost+xml=lostxml lostsync+xml=lostsyncxml lpf+zip=lpf LXF=lxf m3g=m3g
            mac-binhex40=hqx mac-compactpro=cpt mads+xml=mads manifest+json=webmanifest marc=mrc
            marcxml+xml=mrcx mathematica=ma,mb mathml+xml=mml mbox=mbox metalink4+xml=meta4
            mets+xml=mets MF4=mf4 mmt-aei+xml=maei mmt-usd+xml=musd mods+xml=mods mp21=m21,mp21
            msaccess=mdb msword=doc mxf=mxf n-quads=nq n-triples=nt ocsp-request=orq
            ocsp-response=ors octet-stream=bin,deploy,msp,msu ODA=oda ODX=odx oebps-package+xml=opf
            ogg=ogx onenote=one,onepkg,onetmp,onetoc2 oxps=oxps p21=210,ifc,p21,stpnc
            p2p-overlay+xml=relo pdf=pdf PDX=pdx pem-certificate-chain=pem pgp-encrypted=pgp
            pgp-keys=asc,key pgp-signature=sig pics-rules=prf pkcs10=p10 pkcs12=p12,pfx
            pkcs7-mime=p7c,p7m,p7z pkcs7-signature=p7s pkcs8=p8 pkcs8-encrypted=p8e
            pkix-attr-cert=ac pkix-cert=cer pkix-crl=crl pkix-pkipath=pkipath pkixcmp=pki
            postscript=ai,eps,eps2,eps3,epsf,epsi,ps provenance+xml=provx prs.cww=cw,cww
            prs.hpub+zip=hpub prs.nprend=rct,rnd prs.rdf-xml-crypt=rdf-crypt prs.xsf+xml=xsf
            pskc+xml=pskcxml rdf+xml=rdf reginfo+xml=rif relax-ng-compact-syntax=rnc
            resource-lists+xml=rl resource-lists-diff+xml=rld rfc+xml=rfcxml rls-services+xml=rs
            route-apd+xml=rapd route-s-tsid+xml=sls route-usd+xml=rusd rpki-ghostbusters=gbr
            rpki-manifest=mft rpki-roa=roa rtf=rtf sarif+json=sarif,sarif.json
            sarif-external-properties+json=sarif-external-properties,sarif-external-properties.json
            scim+json=scim scvp-cv-request=scq scvp-cv-response=scs scvp-vp-request=spq
            scvp-vp-response=spp sdp=sdp senml+cbor=senmlc senml+json=senml senml+xml=senmlx
            senml-etch+cbor=senml-etchc senml-etch+json=senml-etchj senml-exi=senmle
            sensml+cbor=sensmlc sensml+json=sensml sensml+xml=sensmlx sensml-exi=sensmle
            sgml-open-catalog=soc shf+xml=shf sieve=sieve,siv simple-filter+xml=cl
            smil+xml=smi,smil,sml sparql-query=rq sparql-results+xml=srx spdx+json=spdx.json sql=sql
            srgs=gram srgs+xml=grxml sru+xml=sru ssml+xml=ssml stix+json=stix swid+cbor=coswid
            swid+xml=swidtag tamp-apex-update=tau tamp-apex-update-confirm=auc
            tamp-community-update=tcu tamp-community-update-confirm=cuc tamp-error=ter
            tamp-sequence-adjust=tsa tamp-sequence-adjust-confirm=sac tamp-update=tur
            tamp-update-confirm=tuc td+json=jsontd tei+xml=odd,tei,teicorpus thraud+xml=tfi
            timestamp-query=tsq timestamp-reply=tsr timestamped-data=tsd
            tm+json=jsontm,tm.json,tm.jsonld toml=toml trig=trig ttml+xml=ttml
            urc-grpsheet+xml=gsheet urc-ressheet+xml=rsheet urc-targetdesc+xml=td
            urc-uisocketdesc+xml=uis voicexml+xml=vxml voucher-cms+json=vcj wasm=wasm
            watcherinfo+xml=wif widget=wgt wsdl+xml=wsdl wspolicy+xml=wspolicy xcap-att+xml=xav
            xcap-caps+xml=xca xcap-diff+xml=xdf xcap-el+xml=xel xcap-error+xml=xer xcap-ns+xml=xns
            xfdf=xfdf xhtml+xml=xht,xhtm,xhtml xliff+xml=xlf xml=xml xml-dtd=dtd,mod
            xml-external-parsed-entity=ent xop+xml=xop xslt+xml=xsl,xslt xspf+xml=xspf
            xv+xml=mxml,xhvml,xvm,xvml yaml=yaml,yml yang=yang yin+xml=yin zip=zip zstd=zst
            """
        ),
        (
            "application/vnd.",
            """
            1000minds.decision-model+xml=1km 3gpp.pic-bw-large=plb 3gpp.pic-bw-small=psb
            3gpp.pic-bw-var=pvb 3gpp2.sms=sms 3gpp2.tcap=tcap 3lightssoftware.imagescal=imgcal
            3M.Post-it-Notes=pwn accpac.simply.aso=aso accpac.simply.imp=imp acucobol=acu
            acucorp=acutc,atc adobe.flash.movie=swf adobe.formscentral.fcdt=fcdt adobe.fxp=fxp,fxpl
            adobe.xdp+xml=xdp afpc.modca=afp,list3820,listafp,pseg3820 afpc.modca-overlay=ovl
            afpc.modca-pagesegment=psg age=age ahead.space=ahead airzip.filesecure.azf=azf
            airzip.filesecure.azs=azs amazon.mobi8-ebook=azw3 americandynamics.acc=acc amiga.ami=ami
            android.ota=ota android.package-archive=apk anki=apkg
            anser-web-certificate-issue-initiation=cii anser-web-funds-transfer-initiation=fti
            apache.arrow.file=arrow apache.arrow.stream=arrows apexlang=apex,apexlang
            apple.installer+xml=dist,distz,mpkg,pkg apple.keynote=keynote apple.mpegurl=m3u8
            apple.numbers=numbers apple.pages=pages aristanetworks.swi=swi artisan+json=artisan
            astraea-software.iota=iota audiograph=aep autopackage=package balsamiq.bmml+xml=bmml
            balsamiq.bmpr=bmpr banana-accounting=ac2 belightsoft.lhzd+zip=lhzd
            belightsoft.lhzl+zip=lhzl blueice.multipass=mpm bluetooth.ep.oob=ep bluetooth.le.oob=le
            bmi=bmi businessobjects=rep cendio.thinlinc.clientconf=tlclient chemdraw+xml=cdxml
            chess-pgn=pgn chipnuts.karaoke-mmd=mmd cinderella=cdy citationstyles.style+xml=csl
            claymore=cla cloanto.rp9=rp9 clonk.c4group=c4d,c4f,c4g,c4p,c4u
            cluetrust.cartomobile-config=c11amc cluetrust.cartomobile-config-pkg=c11amz
            coffeescript=coffee collabio.xodocuments.document=xodt
            collabio.xodocuments.document-template=xott collabio.xodocuments.presentation=xodp
            collabio.xodocuments.presentation-template=xotp collabio.xodocuments.spreadsheet=xods
            collabio.xodocuments.spreadsheet-template=xots comicbook+zip=cbz comicbook-rar=cbr
            commerce-battelle=ic0,ic1,ic2,ic3,ic4,ic5,ic6,ic7,ic8,icd,icf commonspace=csp,cst
            contact.cmsg=cdbcmsg coreos.ignition+json=ign,ignition cosmocaller=cmc
            crick.clicker=clkx crick.clicker.keyboard=clkk crick.clicker.palette=clkp
            crick.clicker.template=clkt crick.clicker.wordbank=clkw criticaltools.wbs+xml=wbs
            crypto-shade-file=ssvc cryptomator.encrypted=c9r,c9s cryptomator.vault=cryptomator
            ctc-posml=pml cups-ppd=ppd dart=dart data-vision.rdz=rdz datalog=dl dbf=dbf
            debian.binary-package=ddeb,deb,udeb dece.data=uvd,uvf,uvvd,uvvf dece.ttml+xml=uvt,uvvt
            dece.unspecified=uvvx,uvx dece.zip=uvvz,uvz denovo.fcselayout-link=fe_launch
            desmume.movie=dsm dna=dna document+json=docjson doremir.scorecloud-binary-document=scld
            dpgraph=dpg,dpgraph,mwc dreamfactory=dfac dtg.local.flash=fla dvb.ait=ait
            dvb.service=svc dynageo=geo dzr=dzr ecowin.chart=mag eln+zip=eln enliven=nml
            epson.esf=esf epson.msf=msf epson.quickanime=qam epson.salt=slt epson.ssf=ssf
            ericsson.quickcall=qca,qcall espass-espass+zip=espass eszigno3+xml=es3,et3
            etsi.asic-e+zip=asice,sce etsi.asic-s+zip=asics etsi.timestamp-token=tst
            eu.kasparian.car+json=carjson evolv.ecig.profile=ecigprofile evolv.ecig.settings=ecig
            evolv.ecig.theme=ecigtheme exstream-empower+zip=mpw exstream-package=pub ezpix-album=ez2
            ezpix-package=ez3 familysearch.gedcom+zip=gdz fastcopy-disk-image=dim
            fdsn.mseed=msd,mseed fdsn.seed=dataless,seed ficlab.flb+zip=flb filmit.zfc=zfc
            FloGraphIt=gph fluxtime.clip=ftc font-fontforge-sfd=sfd framemaker=fm fsc.weblaunch=fsc
            fujitsu.oasys=oas fujitsu.oasys2=oa2 fujitsu.oasys3=oa3 fujitsu.oasysgp=fg5
            fujitsu.oasysprs=bh2 fujixerox.ddd=ddd fujixerox.docuworks=xdw
            fujixerox.docuworks.binder=xbd fujixerox.docuworks.container=xct fuzzysheet=fzs
            genomatix.tuxedo=txd genozip=genozip gentics.grd+json=grd gentoo.ebuild=ebuild
            gentoo.eclass=eclass gentoo.gpkg=gpkg.tar gentoo.xpak=xpak geogebra.file=ggb
            geogebra.slides=ggs geogebra.tool=ggt geometry-explorer=gex,gre geonext=gxt geoplan=g2w
            geospace=g3w google-earth.kml+xml=kml google-earth.kmz=kmz grafeq=gqf,gqs
            groove-account=gac groove-help=ghf groove-identity-message=gim groove-injector=grv
            groove-tool-message=gtm groove-tool-template=tpl groove-vcard=vcg hal+xml=hal
            HandHeld-Entertainment+xml=zmm hbci=bpd,hbc,hbci,kom,pkd,upa hdt=hdt
            hhe.lesson-player=les hp-HPGL=hpgl hp-hpid=hpi,hpid hp-hps=hps hp-jlyt=jlt hp-PCL=pcl
            hydrostatix.sof-data=sfd-hdstx ibm.electronic-media=emm ibm.MiniPay=mpy
            ibm.rights-management=irm ibm.secure-container=sc iccprofile=icc,icm ieee.1905=1905.1
            igloader=igl imagemeter.folder+zip=imf imagemeter.image+zip=imi immervision-ivp=ivp
            immervision-ivu=ivu ims.imsccv1p1=imscc insors.igm=igm intercon.formnet=xpw,xpx
            intergeo=i2g intu.qbo=qbo intu.qfx=qfx ipld.car=car ipunplugged.rcprofile=rcprofile
            irepository.package+xml=irp is-xpr=xpr isac.fcs=fcs jam=jam jcp.javame.midlet-rms=rms
            jisp=jisp joost.joda-archive=joda kahootz=ktr,ktz kde.karbon=karbon kde.kchart=chrt
            kde.kformula=kfo kde.kivio=flw kde.kontour=kon kde.kpresenter=kpr,kpt kde.kspread=ksp
            kde.kword=kwd,kwt kenameaapp=htke kidspiration=kia Kinar=kne,knp,sdf
            koan=skd,skm,skp,skt kodak-descriptor=sse las=las las.las+json=lasjson
            las.las+xml=lasxml llamagraphics.life-balance.desktop=lbd
            llamagraphics.life-balance.exchange+xml=lbe logipipe.circuit+zip=lca,lcs loom=loom
            lotus-1-2-3=123,wk1,wk3,wk4 lotus-approach=apr,vew lotus-freelance=pre,prz
            lotus-notes=ndl,ns2,ns3,ns4,nsf,nsg,nsh,ntf lotus-organizer=or2,or3,org
            lotus-screencam=scm lotus-wordpro=lwp,sam macports.portpkg=portpkg
            mapbox-vector-tile=mvt marlin.drm.mdcf=mdc maxar.archive.3tz+zip=3tz
            maxmind.maxmind-db=mmdb mcd=mcd medcalcdata=mc1 mediastation.cdkey=cdkey
            medicalholodeck.recordxr=rxt MFER=mwf mfmp=mfm micrografx.flo=flo micrografx.igx=igx
            mif=mif Mobius.DAF=daf Mobius.DIS=dis Mobius.MBK=mbk Mobius.MQY=mqy Mobius.MSL=msl
            Mobius.PLC=plc Mobius.TXF=txf mophun.application=mpn mophun.certificate=mpc
            mozilla.xul+xml=xul ms-3mfdocument=3mf ms-artgalry=cil ms-asf=asf ms-cab-compressed=cab
            ms-excel=xla,xlc,xlm,xls,xlt,xlw ms-excel.addin.macroEnabled.12=xlam
            ms-excel.sheet.binary.macroEnabled.12=xlsb ms-excel.sheet.macroEnabled.12=xlsm
            ms-excel.template.macroEnabled.12=xltm ms-fontobject=eot ms-htmlhelp=chm ms-ims=ims
            ms-lrm=lrm ms-officetheme=thmx ms-pki.seccat=cat ms-powerpoint=pps,ppt
            ms-powerpoint.addin.macroEnabled.12=ppam ms-powerpoint.presentation.macroEnabled.12=pptm
            ms-powerpoint.slide.macroEnabled.12=sldm ms-powerpoint.slideshow.macroEnabled.12=ppsm
            ms-powerpoint.template.macroEnabled.12=potm ms-project=mpp,mpt ms-tnef=tnef,tnf
            ms-word.document.macroEnabled.12=docm ms-word.template.macroEnabled.12=dotm
            ms-works=wcm,wdb,wks,wps ms-wpl=wpl ms-xpsdocument=xps msa-disk-image=msa mseq=mseq
            multiad.creator=crtr multiad.creator.cif=cif musician=mus muvee.style=msty mynfc=taglet
            nebumind.line=line,nebul nervana=bkm,entity,kcm,request neurolanguage.nlu=nlu nimn=nimn
            nintendo.nitro.rom=nds nintendo.snes.rom=sfc,smc nitf=nitf noblenet-directory=nnd
            noblenet-sealer=nns noblenet-web=nnw nokia.n-gage.data=ngdat nokia.radio-preset=rpst
            nokia.radio-presets=rpss novadigm.EDM=edm novadigm.EDX=edx novadigm.EXT=ext
            oasis.opendocument.base=odb oasis.opendocument.chart=odc
            oasis.opendocument.chart-template=otc oasis.opendocument.formula=odf
            oasis.opendocument.graphics=odg oasis.opendocument.graphics-template=otg
            oasis.opendocument.image=odi oasis.opendocument.image-template=oti
            oasis.opendocument.presentation=odp oasis.opendocument.presentation-template=otp
            oasis.opendocument.spreadsheet=ods oasis.opendocument.spreadsheet-template=ots
            oasis.opendocument.text=odt oasis.opendocument.text-master=odm
            oasis.opendocument.text-template=ott oasis.opendocument.text-web=oth olpc-sugar=xo
            oma.dd2+xml=dd2 onepager=tam onepagertamp=tamp onepagertamx=tamx onepagertat=tat
            onepagertatp=tatp onepagertatx=tatx openblox.game+xml=obgx openblox.game-binary=obg
            openeye.oeb=oeb openofficeorg.extension=oxt openstreetmap.data+xml=osm
            openxmlformats-officedocument.presentationml.presentation=pptx
            openxmlformats-officedocument.presentationml.slide=sldx
            openxmlformats-officedocument.presentationml.slideshow=ppsx
            openxmlformats-officedocument.presentationml.template=potx
            openxmlformats-officedocument.spreadsheetml.sheet=xlsx
            openxmlformats-officedocument.spreadsheetml.template=xltx
            openxmlformats-officedocument.wordprocessingml.document=docx
            openxmlformats-officedocument.wordprocessingml.template=dotx osa.netdeploy=ndc
            osgeo.mapguide.package=mgp osgi.dp=dp osgi.subsystem=esa oxli.countgraph=oxlicg
            palm=oprc,pdb,pqa panoply=plp patentdive=dive pawaafile=paw pg.format=str pg.osasli=ei6
            piaccess.application-licence=pil picsel=efif pmi.widget=wg pocketlearn=plf
            powerbuilder6=pbd preminet=preminet previewsystems.box=box,vbox proteus.magazine=mgz
            psfs=psfs publishare-delta-tree=qps pvi.ptid1=ptid qualcomm.brew-app-res=bar
            Quark.QuarkXPress=qwd,qwt,qxb,qxd,qxl,qxt quobject-quoxdocument=quiz,quox
            rainstor.data=tree rar=rar realvnc.bed=bed recordare.musicxml=mxl
            resilient.logic=reload,rlm rig.cryptonote=cryptonote rim.cod=cod
            route66.link66+xml=link66 sailingtracker.track=st sar=sar scribus=scd,sla,slaz
            sealed.3df=s3df sealed.csf=scsf sealed.doc=s1w,sdo,sdoc sealed.eml=sem,seml
            sealed.mht=smh,smht sealed.ppt=s1p,sppt sealed.tiff=stif sealed.xls=s1e,sxl,sxls
            sealedmedia.softseal.html=s1h,stml sealedmedia.softseal.pdf=s1a,spd,spdf seemail=see
            sema=sema semd=semd semf=semf shade-save-file=ssv shana.informed.formdata=ifm
            shana.informed.formtemplate=itp shana.informed.interchange=iif
            shana.informed.package=ipk shp=shp shx=shx sigrok.session=sr SimTech-MindMapper=twd,twds
            smaf=mmf smart.notebook=notebook smart.teacher=teacher snesdev-page-table=pt,ptrom
            software602.filler.form+xml=fo software602.filler.form-xml-zip=zfo
            solent.sdkm+xml=sdkd,sdkm spotfire.dxp=dxp spotfire.sfs=sfs sqlite3=sqlite,sqlite3
            stardivision.calc=sdc stardivision.chart=sds stardivision.draw=sda
            stardivision.impress=sdd stardivision.math=smf stardivision.writer=sdw
            stardivision.writer-global=sgl stepmania.package=smzip stepmania.stepchart=sm
            sun.wadl+xml=wadl sun.xml.calc=sxc sun.xml.calc.template=stc sun.xml.draw=sxd
            sun.xml.draw.template=std sun.xml.impress=sxi sun.xml.impress.template=sti
            sun.xml.math=sxm sun.xml.writer=sxw sun.xml.writer.global=sxg
            sun.xml.writer.template=stw sus-calendar=sus,susp sybyl.mol2=ml2,mol2,sy2 sycle+xml=scl
            syft+json=syft.json symbian.install=sis syncml+xml=xsm syncml.dm+wbxml=bdm
            syncml.dm+xml=xdm syncml.dmddf+xml=ddf tao.intent-module-archive=tao
            tcpdump.pcap=cap,dmp,pcap theqvd=qvd think-cell.ppttc+json=ppttc tml=vfr,viaframe
            tmobile-livetv=tmo trid.tpt=tpt triscape.mxs=mxs trueapp=tra ufdl=frm,ufd,ufdl
            uiq.theme=utz umajin=umj unity=unityweb uoml+xml=uo,uoml uri-map=urim,urimap
            valve.source.material=vmt vcx=vcx vd-study=model-inter,mxi,study-inter vectorworks=vwx
            veritone.aion+json=aion,vtnstd veryant.thin=istc,isws ves.encrypted=ves
            vidsoft.vidconference=vsc visio=vsd,vss,vst,vsw visionary=vis vsf=vsf wap.sic=sic
            wap.slc=slc wap.wbxml=wbxml wap.wmlc=wmlc wap.wmlscriptc=wmlsc wasmflow.wafl=wafl
            webturbo=wtb wfa.p2p=p2p wfa.wsc=wsc wmc=wmc wolfram.mathematica=nb
            wolfram.mathematica.package=m wolfram.player=nbp wordperfect=wpd wqd=wqd wt.stf=stf
            wv.csp+wbxml=wv xara=xar xfdl=xfd,xfdl xmpie.cpkg=cpkg xmpie.dpkg=dpkg xmpie.ppkg=ppkg
            xmpie.xlim=xlim yamaha.hv-dic=hvd yamaha.hv-script=hvs yamaha.hv-voice=hvp
            yamaha.openscoreformat=osf yamaha.smaf-audio=saf yamaha.smaf-phrase=spf yaoweme=yme
            yellowriver-custom-menu=cmp zul=zir,zirz zzazz.deck+xml=zaz
            """
        ),
        (
            "application/x-",
            """
            123=wk 7z-compressed=7z abiword=abw apple-diskimage=dmg bcpio=bcpio bittorrent=torrent
            brotli=br bzip2=bz2 cdf=cda,cdf cdlink=vcd comsol=mph cpio=cpio csh=csh
            director=dcr,dir,dxr doom=wad dvi=dvi font=gsf,pfa,pfb font-pcf=pcf,pcf.z freemind=mm
            ganttproject=gan gnumeric=gnumeric go-sgf=sgf graphing-calculator=gcf gtar=gtar
            gtar-compressed=taz,tgz hdf=hdf httpd-php=php hwp=hwp ica=ica info=info
            internet-signup=ins,isp iphone=iii iso9660-image=iso java-jnlp-file=jnlp jmol=jmz
            killustrator=kil latex=latex lha=lha lyx=lyx lzh=lzh lzx=lzx
            maker=book,fb,fbdoc,frame,maker mobipocket-ebook=mobi ms-wmd=wmd ms-wmz=wmz
            msdos-program=bat,com,dll,exe msi=msi ndjson=ndjson netcdf=nc ns-proxy-autoconfig=pac
            nwc=nwc object=o oz-application=oza pkcs7-certreqresp=p7r python-code=pyc,pyo qgis=qgs
            quicktimeplayer=qtl rdp=rdp redhat-package-manager=rpm rss+xml=rss ruby=rb scilab=sci
            scilab-xcos=xcos sh=sh shar=shar silverlight=scr stuffit=sit,sitx sv4cpio=sv4cpio
            sv4crc=sv4crc tar=tar tcl=tcl tex-gf=gf tex-pk=pk texinfo=texi,texinfo
            trash=%,bak,old,sik,~ troff-man=man troff-me=me troff-ms=ms ustar=ustar wais-source=src
            wingz=wz x509-ca-cert=crt xfig=fig xpinstall=xpi xz=xz
            """
        ),
    ]
}
